/** HEIC and HEIF, the photographs of phones: libheif's heif-convert makes a JPEG of them, where it is installed. */
import { copyFile, lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { Sandbox } from "../sandbox.ts";
import { runProgram } from "../sandboxes/run-program.ts";

const HEIC_TYPES: ReadonlySet<string> = new Set(["image/heic", "image/heif"]);
const LIMITS = { memoryBytes: 2_000_000_000, fileBytes: 200_000_000 };
const MAX_OUTPUT_BYTES = 100_000;

/** heif-convert, then the converter of images. */
export class HeicConverter implements Converter {
  readonly name = "libheif";
  readonly #sandbox: Sandbox;
  readonly #images: Converter;

  /** @param images takes pixels as they stand: in HEIF the container turns them, and Exif has no say */
  constructor(sandbox: Sandbox, images: Converter) {
    this.#sandbox = sandbox;
    this.#images = images;
  }

  accepts(mediaType: string): boolean {
    return HEIC_TYPES.has(mediaType);
  }

  async *convert(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    const deadline = new Deadline(options.timeoutMs);
    const job = { source: join(document.workDirectory, "heic"), target: "/job", writable: true };
    await mkdir(job.source);
    await copyFile(document.path, join(job.source, "in.heic"));
    const inside = this.#sandbox.pathInside(job);
    const command = {
      program: "/usr/bin/heif-convert",
      args: ["-q", "95", `${inside}/in.heic`, `${inside}/out.jpg`],
      mounts: [job],
      limits: { ...LIMITS, cpuSeconds: options.timeoutMs / 1000 + 1 },
    };
    const { signal } = options;
    const limits = { timeoutMs: deadline.remainingMs(), maxOutputBytes: MAX_OUTPUT_BYTES, signal };
    const { killed, exitCode, stderr } = await runProgram(this.#sandbox, command, limits);
    const image = await madeImage(job.source);
    if (!image) {
      const problem = killed ? "too-complex" : "damaged-file";
      throw new DocumentError(
        problem,
        `heif-convert ended with ${killed ?? exitCode}: ${stderr.slice(-500)}`,
      );
    }
    const jpeg = { ...document, ...image, mediaType: "image/jpeg" };
    yield* this.#images.convert(jpeg, { ...options, timeoutMs: deadline.remainingMs() });
  }
}

/** Of a file with several images it numbers what it makes. */
async function madeImage(
  folder: string,
): Promise<{ readonly path: string; readonly size: number } | undefined> {
  for (const name of ["out.jpg", "out-1.jpg"]) {
    const path = join(folder, name);
    const file = await lstat(path).catch(() => undefined);
    if (file?.isFile()) return { path, size: file.size };
  }
  return undefined;
}
