/**
 * `npm run docsplit -w bench [-- ROUNDS [NAME...]]`: the same documents, twenty pages at three sizes, by this worker
 * and by Docsplit's own commands, one after the other in each round; medians and their ratios. Docsplit takes half a
 * minute for a document. Needs Debian's graphicsmagick, ghostscript, LibreOffice, poppler-utils and bubblewrap.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docsplit, type ConversionTimes } from "./docsplit.ts";
import { writeDocuments } from "./documents.ts";
import { median } from "./median.ts";
import { startWorker } from "./worker.ts";

/** How many times as fast: in total, and to the first page at all sizes. */
const TARGETS: Readonly<Record<string, readonly [total: number, first: number]>> = {
  office: [15, 50],
  docx: [15, 25],
  slides: [15, 25],
  scan: [15, 50],
  text: [8, 50],
};

const [rounds = "5", ...names] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "bench-docsplit-"));
try {
  const documents = (await writeDocuments(folder)).filter(
    ({ name }) => names.length === 0 || names.includes(name),
  );
  const worker = await startWorker(folder, 20);
  const times = new Map(
    documents.map(({ name }) => [name, { ours: [] as ConversionTimes[], theirs: [] as ConversionTimes[] }]),
  );
  try {
    // Warm: as a worker is that has converted anything before.
    for (const { file, pages } of documents) await worker.convert(file, pages);
    for (let round = 1; round <= Number(rounds); round += 1) {
      for (const { name, file, pages } of documents) {
        const out = await mkdtemp(join(folder, "out-"));
        times.get(name)?.ours.push(await worker.convert(file, pages));
        times.get(name)?.theirs.push(await docsplit(file, pages, out));
        await rm(out, { recursive: true });
        process.stderr.write(`round ${round}: ${name}\n`);
      }
    }
  } finally {
    await worker.close();
  }
  process.stdout.write(
    `medians of ${rounds}, ms           ours           Docsplit   times as fast (target)\n`,
  );
  for (const [name, { ours, theirs }] of times) {
    for (const [what, index] of [
      ["totalMs", 0],
      ["firstMs", 1],
    ] as const) {
      const [our, their] = [median(ours.map((each) => each[what])), median(theirs.map((each) => each[what]))];
      const ratio = (their / our).toFixed(1);
      const row = [
        name.padEnd(8),
        what.slice(0, -2).padEnd(8),
        our.toFixed(0).padStart(16),
        their.toFixed(0).padStart(18),
      ];
      process.stdout.write(`${row.join("")}${ratio.padStart(16)} (${TARGETS[name]?.[index] ?? "-"})\n`);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
