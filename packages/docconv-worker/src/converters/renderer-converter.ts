/** Documents that a renderer process opens itself: PDFs by pdfium, images by sharp. Needs nothing but npm. */
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocconvError } from "../docconv-error.ts";
import type { DocumentFile } from "../document-file.ts";
import { DocumentError } from "../document-error.ts";
import type { ProcessPool } from "../process-pool.ts";
import type { RendererProcess } from "../renderer/renderer-process.ts";
import { pageEvent } from "./rendered-page.ts";

const IMAGE_TYPES = new Set([
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/gif",
  "image/tiff",
  "image/svg+xml",
  "image/avif",
]);

/** `upright-image`: one whose pixels stand as they are shown, whatever its Exif data say. */
type RendererKind = "pdf" | "image" | "upright-image";

/** pdfium or sharp, page by page. */
export class RendererConverter implements Converter {
  readonly name: string;
  readonly #kind: RendererKind;
  readonly #pool: ProcessPool<RendererProcess>;

  constructor(kind: RendererKind, pool: ProcessPool<RendererProcess>) {
    this.name = kind === "pdf" ? "pdfium" : "sharp";
    this.#kind = kind;
    this.#pool = pool;
  }

  accepts(mediaType: string): boolean {
    return this.#kind === "pdf" ? mediaType === "application/pdf" : IMAGE_TYPES.has(mediaType);
  }

  async *convert(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    const deadline = new Deadline(options.timeoutMs);
    const limits = (): { timeoutMs: number; signal: AbortSignal } => ({
      timeoutMs: deadline.remainingMs(),
      signal: options.signal,
    });
    const lease = await this.#pool.lease(options.signal);
    let healthy = false;
    try {
      const { process: renderer } = lease;
      const { header } = await renderer.ask({ type: "open", kind: this.#kind }, document, limits());
      if (header.type !== "opened") throw new DocconvError("renderer-failed", "The document did not open.");
      yield { type: "pageCount", count: header.pageCount };
      const style = { scales: options.scales, format: options.format };
      for (let page = 1; page <= Math.min(header.pageCount, options.pageLimit); page += 1) {
        if (options.has(page)) continue;
        const request = { type: "page", page, style } as const;
        try {
          yield pageEvent(page, await renderer.ask(request, undefined, limits()));
        } catch (error) {
          // A page that does not render leaves the others; a renderer that died leaves nothing.
          if (!(error instanceof DocumentError) || renderer.isDead || header.pageCount === 1) throw error;
          yield { type: "pageFailed", page, reason: error.message };
        }
      }
      if (this.#kind === "pdf") {
        const text = await renderer.ask({ type: "text", pageLimit: options.pageLimit }, undefined, limits());
        yield { type: "text", pages: JSON.parse(text.body.toString("utf8")) as string[] };
      }
      healthy = true;
    } finally {
      if (healthy) lease.release();
      else lease.discard();
    }
  }
}
