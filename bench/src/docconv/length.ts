/**
 * `npm run docconv-length -w bench [-- ROUNDS]`: does the first page wait for the length of a document, and is the
 * time of all pages linear in it? PDFs of 1, 100 and 500 pages of text, every page rendered.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textPdf } from "./documents.ts";
import type { ConversionTimes } from "./docsplit.ts";
import { median } from "./median.ts";
import { startWorker } from "./worker.ts";

const LENGTHS = [1, 100, 500] as const;
const rounds = Number(process.argv[2] ?? 5);
const folder = await mkdtemp(join(tmpdir(), "bench-length-"));
try {
  const worker = await startWorker(folder, Math.max(...LENGTHS));
  const times = new Map<number, ConversionTimes[]>(LENGTHS.map((pages) => [pages, []]));
  try {
    for (const pages of LENGTHS) await writeFile(fileOf(pages), await textPdf(pages));
    await worker.convert(fileOf(1), 1);
    for (let round = 1; round <= rounds; round += 1) {
      for (const pages of LENGTHS) times.get(pages)?.push(await worker.convert(fileOf(pages), pages));
    }
  } finally {
    await worker.close();
  }
  const of = (pages: number, what: keyof ConversionTimes): number =>
    median((times.get(pages) ?? []).map((each) => each[what]));
  for (const pages of LENGTHS) {
    const [first, total] = [of(pages, "firstMs"), of(pages, "totalMs")];
    process.stdout.write(
      `${pages} pages: first after ${first.toFixed(0)} ms, all after ${total.toFixed(0)} ms\n`,
    );
  }
  const firsts = LENGTHS.map((pages) => of(pages, "firstMs"));
  process.stdout.write(
    `first page, slowest over fastest: ${(Math.max(...firsts) / Math.min(...firsts)).toFixed(2)} (target 1.5)\n`,
  );
  process.stdout.write(
    `500 pages over 100: ${(of(500, "totalMs") / of(100, "totalMs")).toFixed(2)} (target 5.5)\n`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

function fileOf(pages: number): string {
  return join(folder, `text-${pages}.pdf`);
}
