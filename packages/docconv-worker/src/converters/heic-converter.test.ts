import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProcessPool } from "../process-pool.ts";
import { RendererProcess } from "../renderer/renderer-process.ts";
import { BubblewrapSandbox } from "../sandboxes/bubblewrap-sandbox.ts";
import { openSampleFiles, type SampleFiles } from "../testing/sample-files.ts";
import { HeicConverter } from "./heic-converter.ts";
import { RendererConverter } from "./renderer-converter.ts";

/** Wider than high, and with an orientation in its Exif data, which HEIF says nobody may heed. */
async function heic(): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), "docconv-heic-"));
  try {
    const [jpeg, made] = [join(directory, "in.jpg"), join(directory, "out.heic")];
    const create = { width: 1200, height: 600, channels: 3, background: "#2980b9" } as const;
    await sharp({ create }).jpeg().withMetadata({ orientation: 6 }).toFile(jpeg);
    await promisify(execFile)("heif-enc", [jpeg, "-o", made]);
    return await readFile(made);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe("HEIC", () => {
  const sandbox = new BubblewrapSandbox();
  let files: SampleFiles;
  let pool: ProcessPool<RendererProcess>;
  let converter: HeicConverter;

  beforeAll(async () => {
    files = await openSampleFiles();
    pool = new ProcessPool({ start: () => new RendererProcess(sandbox, tmpdir()), size: 1, usesEach: 20 });
    converter = new HeicConverter(sandbox, new RendererConverter("upright-image", pool));
  });
  afterAll(async () => {
    await pool.close();
    await files.close();
  });

  it("becomes a page, turned as its container says", async () => {
    const events = await files.convert(converter, await heic(), { mediaType: "image/heic" });
    const page = events.find((event) => event.type === "page");
    expect(page?.type === "page" && page.images["normal"]).toMatchObject({ width: 700, height: 350 });
  });

  it("that breaks off is damaged", async () => {
    const half = (await heic()).subarray(0, 500);
    await expect(files.convert(converter, half, { mediaType: "image/heic" })).rejects.toMatchObject({
      code: "damaged-file",
    });
  });
});
