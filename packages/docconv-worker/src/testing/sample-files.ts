/** For tests: a document on disk as a converter gets it, and what a converter makes of it. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import type { DocumentFile } from "../document-file.ts";
import { DEFAULT_SCALES } from "../scale.ts";
import { samplePdf } from "./sample-pdf.ts";

/** A folder for the files of one test. */
export interface SampleFiles {
  write(bytes: Uint8Array, mediaType: string): Promise<DocumentFile>;
  /** Every event of a conversion. */
  convert(
    converter: Converter,
    bytes: Uint8Array,
    options?: Partial<ConvertOptions> & { mediaType?: string },
  ): Promise<ConversionEvent[]>;
  close(): Promise<void>;
}

/** Makes the folder. */
export async function openSampleFiles(): Promise<SampleFiles> {
  const root = await mkdtemp(join(tmpdir(), "docconv-files-"));
  const files: SampleFiles = {
    async write(bytes, mediaType) {
      const directory = await mkdtemp(join(root, "run-"));
      const [path, workDirectory] = [join(directory, "document"), join(directory, "work")];
      await mkdir(workDirectory);
      await writeFile(path, bytes);
      return { path, workDirectory, size: bytes.length, checksum: "", name: "sample", mediaType };
    },
    async convert(converter, bytes, { mediaType = "application/pdf", ...options } = {}) {
      const events: ConversionEvent[] = [];
      const document = await files.write(bytes, mediaType);
      const complete = {
        scales: DEFAULT_SCALES,
        format: "webp",
        pageLimit: 20,
        timeoutMs: 15_000,
        ocrLanguages: [],
        has: () => false,
        signal: new AbortController().signal,
        ...options,
      } as const;
      for await (const event of converter.convert(document, complete)) events.push(event);
      return events;
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
  return files;
}

/** A PDF that nobody opens without its password; with an empty one anybody does, but may not change it. */
export async function lockedPdf(password = "secret"): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), "docconv-locked-"));
  try {
    const [open, locked] = [join(directory, "open.pdf"), join(directory, "locked.pdf")];
    await writeFile(open, samplePdf(1));
    await promisify(execFile)("qpdf", ["--encrypt", password, "owner", "256", "--", open, locked]);
    return await readFile(locked);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
