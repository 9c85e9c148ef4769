/** `npm run docconv-memory -w bench`: the memory of a worker, and of all that it starts, over five hundred conversions. */
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { officeSamples } from "../testing/office-samples.ts";
import { descendants } from "../testing/process-tree.ts";
import { samplePdf } from "../testing/sample-pdf.ts";
import { startTestDocconv, type TestDocconv } from "../testing/test-docconv.ts";

const CONVERSIONS = 500;
const SAMPLE_EVERY = 25;
/** By then every process has been replaced once, and every cache is full. */
const WARM_AFTER = 150;
/** A machine that does other things, too, is slow. */
const PATIENCE_MS = 300_000;

describe("a worker over many conversions", () => {
  let test: TestDocconv;

  beforeAll(async () => {
    test = await startTestDocconv({ concurrency: 2 });
  });
  afterAll(() => test.close());

  it("takes no more memory in the end than when it was warm", async () => {
    const office = await officeSamples(["docx", "xlsx"], 3);
    const image = await sharp({ create: { width: 2000, height: 1500, channels: 3, background: "#29b" } })
      .jpeg()
      .toBuffer();
    const kinds: readonly (readonly [name: string, bytes: Buffer])[] = [
      ["a.pdf", samplePdf(5)],
      ["a.docx", office.get("docx") ?? Buffer.alloc(0)],
      ["a.jpg", image],
      ["a.md", Buffer.from("# Words\n\n- of a list\n")],
      ["a.xlsx", office.get("xlsx") ?? Buffer.alloc(0)],
    ];
    const own: number[] = [];
    const all: number[] = [];
    for (let count = 1; count <= CONVERSIONS; count += 1) {
      const [name = "", bytes = Buffer.alloc(0)] = kinds[count % kinds.length] ?? [];
      await test.upload("document", { bytes, name }, { force: true, key: `job-${count}` });
      await test.announced("document", "done", PATIENCE_MS);
      test.messages.length = 0;
      if (count % SAMPLE_EVERY !== 0) continue;
      globalThis.gc?.();
      const children = (await descendants()).reduce((sum, { resident }) => sum + resident, 0);
      const { rss } = process.memoryUsage();
      own.push(rss / 1e6);
      all.push((rss + children) / 1e6);
      process.stdout.write(
        `${count}: ${(rss / 1e6).toFixed(0)} MB, in all ${((rss + children) / 1e6).toFixed(0)} MB\n`,
      );
    }
    const from = WARM_AFTER / SAMPLE_EVERY;
    for (const [what, values] of [
      ["worker", own],
      ["with its processes", all],
    ] as const) {
      const warm = values.slice(from);
      const half = Math.floor(warm.length / 2);
      const ratio = median(warm.slice(half)) / median(warm.slice(0, half));
      process.stdout.write(`${what}: second half over first, once warm: ${ratio.toFixed(3)}\n`);
      expect(ratio).toBeLessThan(1.15);
    }
  });
});

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
