/** What is wrong with a document, in words for the person who uploaded it; the snippet shows them. */
import { DocconvError } from "./docconv-error.ts";

/** Every way in which a document can be at fault, and what its owner reads: what it is, and what to do. */
export const DOCUMENT_PROBLEMS = {
  "empty-file": "This file is empty. Check the original on your computer and upload it again.",
  "disguised-executable":
    "This file is a program, whatever its name says, so it gets no preview. Upload the document itself.",
  "password-protected":
    "This file is protected by a password. Remove the password, or save a copy without it, and upload that.",
  "damaged-file":
    "This file is damaged or incomplete. Open the original, save it again and upload the new copy.",
  "file-too-large": "This file is too large for a preview. Upload a smaller one, or split it.",
  "unsupported-format":
    "There is no preview for this kind of file. Save it as PDF and upload that to get one.",
  "image-too-large": "This image has too many pixels for a preview. Upload a smaller version of it.",
  "too-complex":
    "This file is too complex for a preview. Save it as a simpler PDF, for example by printing it to PDF.",
  "no-pages": "This file has no pages to show. Check the original and upload it again.",
} as const;

/** The stable code of a document's problem. */
export type DocumentProblem = keyof typeof DOCUMENT_PROBLEMS;

/** The document is at fault: trying again cannot help, telling its owner does. */
export class DocumentError extends DocconvError {
  override readonly name = "DocumentError";
  declare readonly code: DocumentProblem;

  /** @param detail for the log: what was seen; never shown to the user. */
  constructor(problem: DocumentProblem, detail: string, options: ErrorOptions = {}) {
    super(problem, detail, options);
  }
}
