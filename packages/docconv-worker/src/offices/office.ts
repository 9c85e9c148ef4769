/** The office port: whatever makes PDFs of Office files. */
import { DocconvError } from "../docconv-error.ts";
import type { DocumentFile } from "../document-file.ts";

/** How long a step may take. */
export interface OfficeLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An Office file that is open. Close it, whatever happens. */
export interface OpenOfficeDocument {
  /** Pages that it prints on; undefined where that shows only in the PDF. */
  readonly pageCount: number | undefined;
  /**
   * Writes a PDF into the document's work folder.
   * @param pages as `1` or `1-20`; undefined: all
   * @returns its path
   * @throws DocumentError, OfficeDiedError
   */
  exportPdf(name: string, pages: string | undefined, limits: OfficeLimits): Promise<string>;
  close(): Promise<void>;
}

/** LibreOffice ended by itself, or was ended by somebody else: of this document, or of anything. */
export class OfficeDiedError extends DocconvError {
  override readonly name = "OfficeDiedError";

  constructor(detail: string) {
    super("office-failed", `LibreOffice died. ${detail}`, { retryable: true });
  }
}

/** Opens Office files. */
export interface Office {
  /** @throws DocumentError `damaged-file`, `password-protected`, `too-complex`; OfficeDiedError */
  open(document: DocumentFile, limits: OfficeLimits): Promise<OpenOfficeDocument>;
  close(): Promise<void>;
}
