/** Markdown, HTML and e-mail: a renderer process makes a clean page of HTML of them, LibreOffice a PDF of that. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocconvError } from "../docconv-error.ts";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { ProcessPool } from "../process-pool.ts";
import type { RendererProcess } from "../renderer/renderer-process.ts";
import type { MarkupKind } from "../renderer/requests.ts";

const KINDS: Readonly<Record<string, MarkupKind>> = {
  "text/markdown": "markdown",
  "text/html": "html",
  "message/rfc822": "mail",
};

/** More than a book; its images count. */
const MAX_HTML_BYTES = 50_000_000;

/** A renderer process, then the converter of Office files. */
export class MarkupConverter implements Converter {
  readonly name = "markup";
  readonly #pool: ProcessPool<RendererProcess>;
  readonly #office: Converter;

  constructor(pool: ProcessPool<RendererProcess>, office: Converter) {
    this.#pool = pool;
    this.#office = office;
  }

  accepts(mediaType: string): boolean {
    return KINDS[mediaType] !== undefined;
  }

  async *convert(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    const deadline = new Deadline(options.timeoutMs);
    const html = await this.#toHtml(document, { timeoutMs: options.timeoutMs, signal: options.signal });
    if (html.length > MAX_HTML_BYTES) {
      throw new DocumentError("too-complex", `It is ${html.length} bytes as HTML.`);
    }
    const path = join(document.workDirectory, "page.html");
    await writeFile(path, html, { mode: 0o600 });
    const page = { ...document, path, size: html.length, mediaType: "text/html" };
    yield* this.#office.convert(page, { ...options, timeoutMs: deadline.remainingMs() });
  }

  async #toHtml(
    document: DocumentFile,
    limits: Pick<ConvertOptions, "timeoutMs" | "signal">,
  ): Promise<Buffer> {
    const lease = await this.#pool.lease(limits.signal);
    let healthy = false;
    try {
      const kind = KINDS[document.mediaType] ?? "html";
      const { header, body } = await lease.process.ask({ type: "markup", kind }, document, limits);
      if (header.type !== "markup") throw new DocconvError("renderer-failed", "It answered no HTML.");
      healthy = true;
      return body;
    } finally {
      if (healthy) lease.release();
      else lease.discard();
    }
  }
}
