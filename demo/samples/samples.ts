/** All sample documents by file name, made on demand. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { disguisedProgram, noKnownFormat, overTheLimit, truncated } from "./broken.ts";
import { reportDocx } from "./docx.ts";
import { reportPdf } from "./pdf.ts";
import { harbourPicture } from "./picture.ts";
import { reportSlides } from "./pptx.ts";

export const PDF_PAGES = 20;
export const SLIDES = 10;

export type SampleName =
  | "north-quay-report.pdf"
  | "north-quay-report.docx"
  | "north-quay-slides.pptx"
  | "harbour-map.png"
  | "empty.pdf"
  | "program.pdf"
  | "locked.pdf"
  | "truncated.docx"
  | "tide-gauge.nqt";

const MAKERS: Readonly<Record<SampleName, () => Buffer | Promise<Buffer>>> = {
  "north-quay-report.pdf": () => reportPdf(),
  "north-quay-report.docx": reportDocx,
  "north-quay-slides.pptx": reportSlides,
  "harbour-map.png": harbourPicture,
  "empty.pdf": () => Buffer.alloc(0),
  "program.pdf": disguisedProgram,
  "locked.pdf": () => reportPdf("open sesame"),
  "truncated.docx": async () => truncated(await reportDocx()),
  "tide-gauge.nqt": noKnownFormat,
};

/** The bytes of one sample. */
export async function makeSample(name: SampleName): Promise<Buffer> {
  return await MAKERS[name]();
}

/** The PDF as nobody has converted it before: another comment at its end, and so another checksum. */
export async function makeFreshPdf(): Promise<Buffer> {
  const mark = Buffer.from(`\n% ${crypto.randomUUID()}\n`);
  return Buffer.concat([await makeSample("north-quay-report.pdf"), mark]);
}

/** A PDF that is larger than `maxBytes`. */
export function makeTooLarge(maxBytes: number): Buffer {
  return overTheLimit(maxBytes);
}

/** Writes all samples into a folder and returns their paths. */
export async function writeSamples(folder: string, maxBytes: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const samples = await Promise.all(
    (Object.keys(MAKERS) as SampleName[]).map(async (name) => [name, await makeSample(name)] as const),
  );
  return await Promise.all(
    [...samples, ["too-large.pdf", makeTooLarge(maxBytes)] as const].map(async ([name, bytes]) => {
      const path = join(folder, name);
      await writeFile(path, bytes);
      return path;
    }),
  );
}
