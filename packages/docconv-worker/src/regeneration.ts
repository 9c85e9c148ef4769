/** Converts a document again that the worker knows: for the CMS, or for somebody who misses its PDF. */
import { z } from "zod";
import { DocconvError } from "./docconv-error.ts";
import type { Intake } from "./intake.ts";
import { parseWith } from "./job-schema.ts";
import type { PreviewRecord } from "./preview.ts";
import type { Previews } from "./previews.ts";

/** In whose name, and with whose cookie, the document is fetched. */
export interface Regeneration {
  readonly user: string;
  readonly cookie: string;
}

/** What came of asking for a PDF. */
export type PdfRequest = { readonly state: "there" } | { readonly state: "converting"; readonly id?: string };

const regeneration: z.ZodType<Regeneration> = z.strictObject({
  user: z.string().min(1).max(256),
  cookie: z.string().max(16_384),
});

/** @throws DocconvError `invalid-job` naming every bad field */
export function parseRegeneration(body: Uint8Array): Regeneration {
  return parseWith(regeneration, body);
}

/** Puts jobs on the queue for documents that had one. */
export class Regenerator {
  readonly #previews: Previews;
  readonly #intake: Intake;

  constructor(previews: Previews, intake: Intake) {
    this.#previews = previews;
    this.#intake = intake;
  }

  /** Even if the content is the same. @throws DocconvError `not-found`, `invalid-job`, `queue-away` */
  async regenerate(uid: string, by: Regeneration): Promise<{ readonly id: string }> {
    return this.#enqueue((await this.#previews.find(uid))?.record, by, true);
  }

  /**
   * Converts if that can bring a PDF.
   * @throws DocconvError `not-found` for a document that is not known, `no-pdf` for one that has no PDF
   */
  async requestPdf(uid: string, by: Regeneration): Promise<PdfRequest> {
    const { record, rendition } = (await this.#previews.find(uid)) ?? {};
    if (rendition?.hasPdf) return { state: "there" };
    if (record?.state === "waiting" || record?.state === "converting") return { state: "converting" };
    if (rendition?.complete) {
      throw new DocconvError("no-pdf", "A document of this kind is shown as images, and has no PDF.");
    }
    return { state: "converting", ...(await this.#enqueue(record, by, false)) };
  }

  async #enqueue(
    record: PreviewRecord | undefined,
    by: Regeneration,
    force: boolean,
  ): Promise<{ readonly id: string }> {
    const { uid, url, download, name, mediaType, revision, ocrLanguages } = record ?? {};
    if (uid === undefined || url === undefined || download === undefined) {
      throw new DocconvError("not-found", "The worker does not know this document: post a job for it.");
    }
    const document = { uid, url, download, mediaType, revision, ...(name && { name }) };
    return this.#intake.enqueue({ kind: "docconv", ...by, document, ocrLanguages, force });
  }
}
