/** A conversion without CMS, queue and store: from a file to files in a folder. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { ConversionEvent, ImageFormat } from "./converter.ts";
import { createConverters } from "./create-converters.ts";
import { DocumentError } from "./document-error.ts";
import type { DocumentFile, FetchedFile } from "./document-file.ts";
import type { Logger } from "./logger.ts";
import { decideMediaType } from "./media-type.ts";
import type { Scales } from "./scale.ts";

/** Options of {@link convertLocally}. */
export interface LocalConversionOptions {
  readonly file: string;
  /** The folder for what comes out; it is made where it is missing. */
  readonly out: string;
  readonly scales: Scales;
  readonly format: ImageFormat;
  readonly pageLimit: number;
  readonly timeoutMs: number;
  readonly ocrLanguages: readonly string[];
  readonly soffice: string;
  readonly allowUnsandboxed: boolean;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What happens, in order. */
export type LocalStep =
  | { readonly type: "type"; readonly mediaType: string }
  | { readonly type: "pageCount"; readonly count: number }
  | { readonly type: "page"; readonly page: number; readonly files: readonly string[] }
  | { readonly type: "pageFailed"; readonly page: number; readonly reason: string }
  /** The PDF of an Office file, or the text of the pages. */
  | { readonly type: "file"; readonly file: string };

/** @throws DocumentError for what is wrong with the document, DocconvError for what is wrong here */
export async function* convertLocally(options: LocalConversionOptions): AsyncGenerator<LocalStep> {
  const { out, scales, format, pageLimit, timeoutMs, soffice, allowUnsandboxed, logger, signal } = options;
  const directory = await mkdtemp(join(tmpdir(), "docconv-convert-"));
  try {
    const document = await readDocument(options.file, directory);
    const { mediaType } = document;
    yield { type: "type", mediaType };
    const converters = await createConverters({
      workDirectory: join(directory, "work"),
      concurrency: 1,
      // LibreOffice takes a second to start: not for what does not need it.
      officeProcesses: mediaType === "application/pdf" || mediaType.startsWith("image/") ? 0 : 1,
      soffice,
      ocrLanguages: options.ocrLanguages,
      allowUnsandboxed,
      logger,
    });
    try {
      const converter = converters.list.find((each) => each.accepts(mediaType));
      if (!converter) throw new DocumentError("unsupported-format", `No converter takes ${mediaType}.`);
      await mkdir(out, { recursive: true });
      const { ocrLanguages } = options;
      const settings = { scales, format, pageLimit, timeoutMs, ocrLanguages, has: () => false, signal };
      for await (const event of converter.convert(document, settings)) yield await keep(event, out, format);
    } finally {
      await converters.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @throws DocumentError; the file system's error for a file that cannot be read */
async function readDocument(file: string, directory: string): Promise<DocumentFile> {
  const path = resolve(file);
  const { size } = await stat(path);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  if (size === 0) throw new DocumentError("empty-file", "The file has no bytes.");
  const workDirectory = join(directory, "document");
  await mkdir(workDirectory);
  const name = basename(path);
  const read: FetchedFile = { path, workDirectory, size, checksum: hash.digest("hex"), name, statedType: "" };
  return { ...read, mediaType: await decideMediaType(read, name, "") };
}

async function keep(event: ConversionEvent, out: string, format: ImageFormat): Promise<LocalStep> {
  switch (event.type) {
    case "page": {
      const { page, images } = event;
      const files = Object.entries(images).map(async ([scale, { bytes }]) => {
        const file = join(out, `page-${page}-${scale}.${format}`);
        await writeFile(file, bytes);
        return file;
      });
      return { type: "page", page, files: await Promise.all(files) };
    }
    case "pdf": {
      const file = join(out, "document.pdf");
      await copyFile(event.path, file);
      return { type: "file", file };
    }
    case "text": {
      const file = join(out, "document.txt");
      await writeFile(file, event.pages.join("\f")); // as pdftotext parts them
      return { type: "file", file };
    }
    default:
      return event;
  }
}
