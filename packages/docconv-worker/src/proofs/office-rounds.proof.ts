/** `npm run docconv-office-rounds -w bench`: four Office files at once, fifty times; and what soffice alone makes of it. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OfficeFormat, officeSamples } from "../testing/office-samples.ts";
import { startTestDocconv, type TestDocconv } from "../testing/test-docconv.ts";

const ROUNDS = 50;
/** Of the other side; it takes seconds a round. */
const THEIR_ROUNDS = 5;
const FORMATS = ["docx", "odt", "xlsx", "pptx"] as const;
/** A machine that does other things, too, is slow. */
const PATIENCE_MS = 300_000;

describe("four Office files at once", () => {
  let test: TestDocconv;
  let samples: ReadonlyMap<OfficeFormat, Buffer>;

  beforeAll(async () => {
    samples = await officeSamples(FORMATS, 5);
    test = await startTestDocconv({ concurrency: 4, officeProcesses: 2 });
  });
  afterAll(() => test.close());

  it(`are all converted, ${ROUNDS} times`, async () => {
    let converted = 0;
    const started = performance.now();
    for (let round = 1; round <= ROUNDS; round += 1) {
      await Promise.all(
        FORMATS.map(async (format) => {
          const uid = `${format}-${round}`;
          const bytes = samples.get(format) ?? Buffer.alloc(0);
          await test.upload(uid, { bytes, name: `a.${format}` }, { force: true });
          const done = await test.announced(uid, "done", PATIENCE_MS);
          if (done.html?.includes('data-state="done"')) converted += 1;
        }),
      );
      test.messages.length = 0;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stdout.write(`worker: ${converted} of ${ROUNDS * FORMATS.length} converted in ${seconds} s\n`);
    expect(converted).toBe(ROUNDS * FORMATS.length);
  });

  it("are not by soffice with one profile, as it comes", async () => {
    const directory = await mkdtemp(join(tmpdir(), "docconv-rounds-"));
    let converted = 0;
    try {
      for (const format of FORMATS) {
        await writeFile(join(directory, `${format}.${format}`), samples.get(format) ?? Buffer.alloc(0));
      }
      for (let round = 1; round <= THEIR_ROUNDS; round += 1) {
        const out = join(directory, `out-${round}`);
        const profile = `-env:UserInstallation=file://${directory}/profile`;
        await Promise.allSettled(
          FORMATS.map((format) => {
            const file = join(directory, `${format}.${format}`);
            const args = [profile, "--headless", "--convert-to", "pdf", "--outdir", out, file];
            return promisify(execFile)("soffice", args, { timeout: 120_000 });
          }),
        );
        converted += (await readdir(out).catch(() => [])).filter((name) => name.endsWith(".pdf")).length;
      }
      process.stdout.write(`soffice: ${converted} of ${THEIR_ROUNDS * FORMATS.length} converted\n`);
      expect(converted).toBeLessThanOrEqual(THEIR_ROUNDS * FORMATS.length);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
