/** Around another converter: reads the pages that have no text of their own, scans and images, with tesseract. */
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { ProcessPool } from "../process-pool.ts";
import type { RendererProcess } from "../renderer/renderer-process.ts";
import type { Sandbox } from "../sandbox.ts";
import { runProgram } from "../sandboxes/run-program.ts";
import { stat } from "node:fs/promises";

/** A4 at 300 dpi, which tesseract was made for. */
const WIDTH = 2480;
const PAGE_TIMEOUT_MS = 30_000;
const MEMORY_BYTES = 1_000_000_000;
const MAX_TEXT_BYTES = 1_000_000;
/** Less is a page number that was stamped on a scan. */
const HAS_TEXT = /\p{L}{2}.*\p{L}{2}/su;

/** What it reads with. */
export interface OcrOptions {
  readonly sandbox: Sandbox;
  readonly pool: ProcessPool<RendererProcess>;
  /** What is installed, by tesseract's names, such as `eng`. */
  readonly languages: readonly string[];
}

/** The pages come as they came; the text comes after them. What cannot be read has none. */
export class OcrConverter implements Converter {
  readonly #inner: Converter;
  readonly #options: OcrOptions;

  constructor(inner: Converter, options: OcrOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  get name(): string {
    return this.#inner.name;
  }

  accepts(mediaType: string): boolean {
    return this.#inner.accepts(mediaType);
  }

  async *convert(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    const languages = options.ocrLanguages.filter((language) => this.#options.languages.includes(language));
    if (languages.length === 0) {
      yield* this.#inner.convert(document, options);
      return;
    }
    const deadline = new Deadline(options.timeoutMs);
    let pages: readonly string[] = [];
    let count = 1;
    let source = document;
    for await (const event of this.#inner.convert(document, options)) {
      if (event.type === "text") {
        pages = event.pages;
        continue;
      }
      if (event.type === "pageCount") count = event.count;
      if (event.type === "pdf") {
        const { size } = await stat(event.path);
        source = { ...document, path: event.path, size, mediaType: "application/pdf" };
      }
      yield event;
    }
    const all = Array.from({ length: Math.min(count, options.pageLimit) }, (_, index) => pages[index] ?? "");
    const isImage = source.mediaType.startsWith("image/");
    const unread = all.flatMap((text, index) => (HAS_TEXT.test(text) ? [] : [index + 1]));
    if (unread.length > 0 && (isImage || source.mediaType === "application/pdf")) {
      for await (const [page, text] of this.#read(source, unread, languages, deadline, options.signal))
        all[page - 1] = text;
    }
    yield { type: "text", pages: all };
  }

  async *#read(
    document: DocumentFile,
    pages: readonly number[],
    languages: readonly string[],
    deadline: Deadline,
    signal: AbortSignal,
  ): AsyncGenerator<readonly [page: number, text: string]> {
    const limits = (): { timeoutMs: number; signal: AbortSignal } => ({
      timeoutMs: deadline.remainingMs(PAGE_TIMEOUT_MS),
      signal,
    });
    const lease = await this.#options.pool.lease(signal);
    let healthy = false;
    try {
      const kind = document.mediaType === "application/pdf" ? "pdf" : "image";
      await lease.process.ask({ type: "open", kind }, document, limits());
      const style = { scales: { ocr: WIDTH }, format: "png" } as const;
      for (const page of pages) {
        const { body } = await lease.process.ask({ type: "page", page, style }, undefined, limits());
        yield [page, await this.#recognise(body, languages, limits())];
      }
      healthy = true;
    } catch (error) {
      // The pages are there; that nobody can read them is no failure.
      if (!(error instanceof DocumentError)) throw error;
    } finally {
      if (healthy) lease.release();
      else lease.discard();
    }
  }

  /** Empty if tesseract fails. */
  async #recognise(
    image: Uint8Array,
    languages: readonly string[],
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  ): Promise<string> {
    const { sandbox } = this.#options;
    const command = {
      program: "/usr/bin/tesseract",
      args: ["stdin", "stdout", "-l", languages.join("+")],
      mounts: [],
      limits: { cpuSeconds: timeoutMs / 1000 + 1, memoryBytes: MEMORY_BYTES, fileBytes: 0 },
      environment: { OMP_THREAD_LIMIT: "1" }, // more of them cost more than they bring
    };
    const options = { timeoutMs, maxOutputBytes: MAX_TEXT_BYTES, signal, input: image };
    const { stdout, exitCode } = await runProgram(sandbox, command, options);
    return exitCode === 0 ? stdout.toString("utf8").replaceAll("\f", "") : "";
  }
}
