/** PDFs by poppler: a process for a few pages, and a renderer process that encodes what comes out of it. */
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocconvError } from "../docconv-error.ts";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { ProcessPool } from "../process-pool.ts";
import type { RendererProcess } from "../renderer/renderer-process.ts";
import type { Sandbox } from "../sandbox.ts";
import { fitPage, largestWidth } from "../scale.ts";
import { type PopplerLimits, readPdfInfo, readPdfText, renderPdfPages } from "./poppler-pages.ts";
import { RenderAhead, type Rendering } from "./render-ahead.ts";
import { pageEvent } from "./rendered-page.ts";

/** A page that takes longer is left out, so that one bad page does not cost the others. */
const PAGE_TIMEOUT_MS = 30_000;

/** Less than this, and what poppler wrote may not be all of it. */
const LEAST_ROOM_BYTES = 50_000_000;
/** Requests to the renderer process at once: two that it answers, and one that is on its way. */
const ENCODINGS = 3;
/**
 * Pages that take more together are rendered one by one: a slow page holds up those after it in its process. CPU time,
 * because on a busy machine every page takes long.
 */
const CHUNK_CPU_SECONDS = 2;

/** Faster than pdfium, and no page meets what another document left behind. */
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
    const limits = (): PopplerLimits => ({ timeoutMs: deadline.remainingMs(PAGE_TIMEOUT_MS), signal });
    const info = await readPdfInfo(this.#sandbox, document, pageLimit, limits());
    yield { type: "pageCount", count: info.pageCount };
    const wanted = info.pages.map((pageSize, index) => {
      return { page: index + 1, pageSize, size: fitPage(pageSize, largestWidth(scales)) };
    });
    const lease = await this.#pool.lease(signal);
    const folder = await mkdtemp(join(lease.process.exchange, "pages-")).catch((error: unknown) => {
      lease.discard(); // it died just now, and its folder went with it
      throw error;
    });
    const renderings = new RenderAhead({
      pages: wanted.filter(({ page }) => !has(page)),
      render: (range, size, isChunk) => {
        const most = { ...limits(), ...(isChunk && { cpuSeconds: CHUNK_CPU_SECONDS }) };
        return renderPdfPages(this.#sandbox, document, range, size, folder, most);
      },
    });
    const encode = async ({ page, pageSize, bitmap }: Rendering): Promise<ConversionEvent> => {
      try {
        const path = await bitmap();
        const request = { type: "bitmap", path, pageSize, style: { scales, format } } as const;
        const answer = await lease.process.ask(request, undefined, limits());
        await rm(path);
        return pageEvent(page, answer);
      } catch (error) {
        if (error instanceof DocumentError) await checkRoom(folder);
        const isAlone = info.pages.length === 1;
        if (!(error instanceof DocumentError) || isAlone || lease.process.isDead) throw error;
        return { type: "pageFailed", page, reason: error.message };
      }
    };
    let healthy = false;
    let text: Promise<readonly string[]> | undefined;
    try {
      // Nothing competes with the first one, neither while it is made nor while it is stored.
      const first = renderings.next();
      if (first) yield await encode(first);
      // From then on it all happens at once: a page is stored, the next ones are encoded, further ones rendered.
      text = later(readPdfText(this.#sandbox, document, pageLimit, limits()));
      const encodings: Promise<ConversionEvent>[] = [];
      for (;;) {
        while (encodings.length < ENCODINGS) {
          const next = renderings.next();
          if (!next) break;
          encodings.push(later(encode(next)));
        }
        renderings.hurry();
        const encoding = encodings.shift();
        if (!encoding) break;
        yield await encoding;
      }
      healthy = true;
      yield { type: "text", pages: await text };
    } finally {
      if (healthy) lease.release();
      else lease.discard();
      // Both read the document, which is deleted next.
      await Promise.allSettled([renderings.settled(), text]);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

/** poppler takes no notice of a disk that is full. @throws DocconvError `store-full`: the document is not at fault */
async function checkRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > LEAST_ROOM_BYTES) return;
  const text = "There is no room left in workDir (default: work in dataDir): make some, or move it.";
  throw new DocconvError("store-full", text, { retryable: true });
}

/** It is awaited when its turn comes; until then its failure is nobody's. */
function later<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}
