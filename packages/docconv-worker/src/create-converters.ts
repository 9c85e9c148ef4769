/** The converters' part of the composition root: what is installed decides who converts what. */
import { mkdir } from "node:fs/promises";
import type { Converter } from "./converter.ts";
import { FallbackConverter } from "./converters/fallback-converter.ts";
import { HeicConverter } from "./converters/heic-converter.ts";
import { MarkupConverter } from "./converters/markup-converter.ts";
import { OcrConverter } from "./converters/ocr-converter.ts";
import { OfficeConverter } from "./converters/office-converter.ts";
import { PopplerConverter } from "./converters/poppler-converter.ts";
import { RendererConverter } from "./converters/renderer-converter.ts";
import { findPrograms, type InstalledPrograms } from "./installed-programs.ts";
import type { Logger } from "./logger.ts";
import { ColdOffice } from "./offices/cold-office.ts";
import type { Office } from "./offices/office.ts";
import { WarmOffice } from "./offices/warm-office.ts";
import { ProcessPool } from "./process-pool.ts";
import { RendererProcess } from "./renderer/renderer-process.ts";
import type { Sandbox } from "./sandbox.ts";
import { chooseSandbox } from "./sandboxes/choose-sandbox.ts";

/** Options of {@link createConverters}. */
export interface ConvertersOptions {
  /** Where helper processes keep their files. */
  readonly workDirectory: string;
  /** Documents that are converted at once. */
  readonly concurrency: number;
  /** LibreOffice processes that are kept warm. */
  readonly officeProcesses: number;
  /** soffice's path. Default /usr/bin/soffice. */
  readonly soffice?: string;
  /** What it is to be able to read pages in that have no text: a warning says what is missing. By tesseract's names. */
  readonly ocrLanguages: readonly string[];
  /** Lets converters run without bubblewrap although the process is root's. */
  readonly allowUnsandboxed: boolean;
  readonly logger: Logger;
}

/** Converters that are ready, and the processes behind them. */
export interface Converters {
  /** The first one that accepts a media type converts it. */
  readonly list: readonly Converter[];
  readonly sandbox: Sandbox;
  readonly programs: InstalledPrograms;
  close(): Promise<void>;
}

const DOCUMENTS_PER_RENDERER = 20;
const DOCUMENTS_PER_OFFICE = 30;

/** @throws DocconvError `no-sandbox` */
export async function createConverters(options: ConvertersOptions): Promise<Converters> {
  const { workDirectory, concurrency, logger } = options;
  await mkdir(workDirectory, { recursive: true, mode: 0o700 });
  const [sandbox, programs] = await Promise.all([
    chooseSandbox(options.allowUnsandboxed, logger),
    findPrograms(options.soffice),
  ]);
  const renderers = new ProcessPool({
    start: () => new RendererProcess(sandbox, workDirectory),
    size: concurrency,
    usesEach: DOCUMENTS_PER_RENDERER,
  });
  const pdfium = new RendererConverter("pdf", renderers);
  const poppler = programs.poppler && sandbox.isolates ? new PopplerConverter(sandbox, renderers) : undefined;
  const pdf = poppler ? new FallbackConverter(poppler, pdfium) : pdfium;
  const office = createOffice(options, sandbox, programs);
  const officeFiles = new OfficeConverter(office, pdf);
  const { ocrLanguages: languages } = programs;
  warnOfMissing(options.ocrLanguages, languages, logger);
  const read = (converter: Converter): Converter =>
    languages.length > 0 ? new OcrConverter(converter, { sandbox, pool: renderers, languages }) : converter;
  return {
    list: [
      read(pdf),
      read(new RendererConverter("image", renderers)),
      ...(programs.libheif
        ? [new HeicConverter(sandbox, read(new RendererConverter("upright-image", renderers)))]
        : []),
      // In front of the one for Office files: LibreOffice gets no HTML that is not clean.
      new MarkupConverter(renderers, officeFiles),
      read(officeFiles),
    ],
    sandbox,
    programs,
    async close() {
      await office?.close();
      await renderers.close();
    },
  };
}

function warnOfMissing(wanted: readonly string[], installed: readonly string[], logger: Logger): void {
  const missing = wanted.filter((language) => !installed.includes(language));
  if (missing.length === 0) return;
  const packages = missing.map((language) => `tesseract-ocr-${language.replaceAll("_", "-")}`).join(" ");
  logger.warn({ missing }, `Scans are not read in every language: apt-get install tesseract-ocr ${packages}`);
}

function createOffice(
  { workDirectory, officeProcesses, logger }: ConvertersOptions,
  sandbox: Sandbox,
  { soffice, uno }: InstalledPrograms,
): Office | undefined {
  if (!soffice) {
    logger.warn({}, "LibreOffice is not installed: Office files get no preview");
    return undefined;
  }
  if (!uno) {
    logger.warn({}, "python3-uno is not installed: LibreOffice starts anew for each document, 1.3 s later");
    return new ColdOffice(sandbox, soffice);
  }
  const size = officeProcesses;
  return new WarmOffice({ sandbox, soffice, workDirectory, size, documentsEach: DOCUMENTS_PER_OFFICE });
}
