/** Office files: LibreOffice makes a PDF of them, page 1 first, and the PDF converter renders it. */
import { stat } from "node:fs/promises";
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocconvError } from "../docconv-error.ts";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import { hasLoadFilter } from "../offices/load-filter.ts";
import {
  type Office,
  OfficeDiedError,
  type OfficeLimits,
  type OpenOfficeDocument,
} from "../offices/office.ts";
import { needsPassword } from "../offices/password.ts";
import { statedUnzippedBytes } from "../offices/zip-size.ts";

/** A spreadsheet with one far cell prints on a hundred thousand pages; nobody wants that PDF. */
const MAX_PDF_PAGES = 500;

/** Beyond what LibreOffice may write to its temporary folder. */
const MAX_UNZIPPED_BYTES = 400_000_000;

/** LibreOffice, then the converter of PDFs. */
export class OfficeConverter implements Converter {
  readonly name = "libreoffice";
  readonly #office: Office | undefined;
  readonly #pdf: Converter;

  /** @param office undefined where LibreOffice is not installed */
  constructor(office: Office | undefined, pdf: Converter) {
    this.#office = office;
    this.#pdf = pdf;
  }

  accepts(mediaType: string): boolean {
    return hasLoadFilter(mediaType);
  }

  /** LibreOffice can die of a document, or just before it; who uploaded it shall not pay for the latter. */
  async *convert(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    const deadline = new Deadline(options.timeoutMs);
    const done = new Set<number>();
    try {
      for await (const event of this.#convertOnce(document, options)) {
        if (event.type === "page") done.add(event.page);
        yield event;
      }
    } catch (error) {
      if (!(error instanceof OfficeDiedError)) throw error;
      const has = (page: number): boolean => done.has(page) || options.has(page);
      const rest = { ...options, has, timeoutMs: deadline.remainingMs() };
      try {
        yield* this.#convertOnce(document, rest);
      } catch (again) {
        if (!(again instanceof OfficeDiedError)) throw again;
        throw new DocumentError("too-complex", `LibreOffice died of it twice: ${again.message}`);
      }
    }
  }

  async *#convertOnce(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    if (!this.#office) {
      throw new DocconvError(
        "office-missing",
        "LibreOffice is not installed on the worker: apt-get install libreoffice-writer-nogui " +
          "libreoffice-calc-nogui libreoffice-impress-nogui python3-uno.",
      );
    }
    const unzipped = (await statedUnzippedBytes(document.path)) ?? 0;
    if (unzipped > MAX_UNZIPPED_BYTES) {
      throw new DocumentError("too-complex", `It unpacks to ${unzipped} bytes.`);
    }
    const deadline = new Deadline(options.timeoutMs);
    const limits = (): OfficeLimits => ({ timeoutMs: deadline.remainingMs(), signal: options.signal });
    const open = await this.#office
      .open(document, limits())
      .catch((error: unknown) => explain(error, document));
    try {
      const render = (path: string, more: Partial<ConvertOptions>): AsyncGenerator<ConversionEvent> =>
        this.#render(document, path, { ...options, ...more, timeoutMs: deadline.remainingMs() });
      yield* open.pageCount === undefined
        ? this.#atOnce(document, open, limits, render)
        : this.#firstPageFirst(open, open.pageCount, options, limits, render);
    } finally {
      await open.close();
    }
  }

  async *#atOnce(
    document: DocumentFile,
    open: OpenOfficeDocument,
    limits: () => OfficeLimits,
    render: Render,
  ): AsyncGenerator<ConversionEvent> {
    const path = await open
      .exportPdf("document.pdf", undefined, limits())
      .catch((error: unknown) => explain(error, document));
    yield { type: "pdf", path };
    yield* render(path, {});
  }

  async *#firstPageFirst(
    open: OpenOfficeDocument,
    pageCount: number,
    { has, pageLimit }: ConvertOptions,
    limits: () => OfficeLimits,
    render: Render,
  ): AsyncGenerator<ConversionEvent> {
    if (pageCount < 1) throw new DocumentError("no-pages", "The document prints on no page.");
    yield { type: "pageCount", count: pageCount };
    if (!has(1)) {
      const first = await open.exportPdf("first.pdf", "1", limits());
      for await (const event of render(first, { pageLimit: 1 })) if (event.type === "page") yield event;
    }
    const shown = Math.min(pageCount, pageLimit);
    const path = await open.exportPdf("shown.pdf", `1-${shown}`, limits());
    const isWhole = shown === pageCount;
    if (isWhole) yield { type: "pdf", path };
    const others = render(path, { pageLimit: shown, has: (page) => page === 1 || has(page) });
    for await (const event of others) if (event.type !== "pageCount") yield event;
    if (isWhole) return;
    const whole = await open.exportPdf("document.pdf", `1-${Math.min(pageCount, MAX_PDF_PAGES)}`, limits());
    yield { type: "pdf", path: whole };
  }

  async *#render(
    document: DocumentFile,
    path: string,
    options: ConvertOptions,
  ): AsyncGenerator<ConversionEvent> {
    const { size } = await stat(path);
    yield* this.#pdf.convert({ ...document, path, size, mediaType: "application/pdf" }, options);
  }
}

/** To LibreOffice, a document that it has no password for is like any other that it cannot load. */
async function explain(error: unknown, { path }: DocumentFile): Promise<never> {
  const isDamaged = error instanceof DocumentError && error.code === "damaged-file";
  if (!isDamaged || !(await needsPassword(path))) throw error;
  throw new DocumentError("password-protected", "The document is encrypted.", { cause: error });
}

type Render = (path: string, more: Partial<ConvertOptions>) => AsyncGenerator<ConversionEvent>;
