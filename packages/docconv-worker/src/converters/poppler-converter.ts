/** PDFs by poppler: a process for each page, and a renderer process that encodes what comes out of it. */
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { Bitmap } from "../renderer/page-images.ts";
import type { ProcessPool } from "../process-pool.ts";
import type { RendererProcess } from "../renderer/renderer-process.ts";
import type { Sandbox } from "../sandbox.ts";
import { fitPage, largestWidth, type Size } from "../scale.ts";
import { readPdfInfo, readPdfText, renderPdfPage } from "./poppler-pages.ts";
import { pageEvent } from "./rendered-page.ts";

/** A page that takes longer is left out, so that one bad page does not cost the others. */
const PAGE_TIMEOUT_MS = 30_000;

interface Pending {
  readonly page: number;
  readonly pageSize: Size;
  readonly bitmap: Promise<Bitmap>;
}

/** Faster than pdfium, and each page starts from a clean process. */
export class PopplerConverter implements Converter {
  readonly name = "poppler";
  readonly #sandbox: Sandbox;
  readonly #pool: ProcessPool<RendererProcess>;

  constructor(sandbox: Sandbox, pool: ProcessPool<RendererProcess>) {
    this.#sandbox = sandbox;
    this.#pool = pool;
  }

  accepts(mediaType: string): boolean {
    return mediaType === "application/pdf";
  }

  async *convert(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    const deadline = new Deadline(options.timeoutMs);
    const { signal, scales, format, pageLimit, has } = options;
    const limits = { timeoutMs: deadline.remainingMs(PAGE_TIMEOUT_MS), signal };
    const info = await readPdfInfo(this.#sandbox, document, pageLimit, limits);
    yield { type: "pageCount", count: info.pageCount };
    const wanted = info.pages.map((pageSize, index) => ({ page: index + 1, pageSize }));
    const queue = wanted.filter(({ page }) => !has(page));
    const start = (): Pending | undefined => {
      const next = queue.shift();
      if (!next) return undefined;
      const size = fitPage(next.pageSize, largestWidth(scales));
      const pageLimits = { timeoutMs: deadline.remainingMs(PAGE_TIMEOUT_MS), signal };
      const bitmap = renderPdfPage(this.#sandbox, document, next.page, size, pageLimits);
      bitmap.catch(() => undefined); // seen when its turn comes
      return { ...next, bitmap };
    };
    const lease = await this.#pool.lease(options.signal);
    let healthy = false;
    let ahead: Pending | undefined;
    try {
      for (let current = start(); current; current = ahead ?? start()) {
        const { page, pageSize } = current;
        ahead = undefined;
        try {
          const bitmap = await current.bitmap;
          // While a page is encoded the next one is rendered; but nothing competes with the first.
          if (page > 1) ahead = start();
          const { width, height } = bitmap;
          const request = {
            type: "bitmap",
            size: { width, height },
            pageSize,
            style: { scales, format },
          } as const;
          const askOptions = { timeoutMs: deadline.remainingMs(PAGE_TIMEOUT_MS), signal };
          yield pageEvent(page, await lease.process.ask(request, bitmap.data, askOptions));
        } catch (error) {
          const alone = info.pages.length === 1;
          if (!(error instanceof DocumentError) || alone || lease.process.isDead) throw error;
          yield { type: "pageFailed", page, reason: error.message };
        }
      }
      healthy = true;
      const textLimits = { timeoutMs: deadline.remainingMs(PAGE_TIMEOUT_MS), signal };
      yield { type: "text", pages: await readPdfText(this.#sandbox, document, pageLimit, textLimits) };
    } finally {
      await ahead?.bitmap.catch(() => undefined);
      if (healthy) lease.release();
      else lease.discard();
    }
  }
}
