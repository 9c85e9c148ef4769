import { tmpdir } from "node:os";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConversionEvent, Converter } from "../converter.ts";
import { ProcessPool } from "../process-pool.ts";
import { RendererProcess } from "../renderer/renderer-process.ts";
import { BubblewrapSandbox } from "../sandboxes/bubblewrap-sandbox.ts";
import { ProcessGroupSandbox } from "../sandboxes/process-group-sandbox.ts";
import type { Sandbox } from "../sandbox.ts";
import { lockedPdf, openSampleFiles, type SampleFiles } from "../testing/sample-files.ts";
import { samplePdf } from "../testing/sample-pdf.ts";
import { FallbackConverter } from "./fallback-converter.ts";
import { PopplerConverter } from "./poppler-converter.ts";
import { RendererConverter } from "./renderer-converter.ts";

type PageEvent = Extract<ConversionEvent, { type: "page" }>;

const bubblewrap = new BubblewrapSandbox();
const processGroup = new ProcessGroupSandbox({ prlimit: true, setpriv: true });

function pageOf(events: readonly ConversionEvent[], page: number): PageEvent {
  const event = events.find((each) => each.type === "page" && each.page === page);
  if (event?.type !== "page") throw new Error(`There is no page ${page}.`);
  return event;
}

/** More curves than anybody draws in a second. */
function manyCurves(): string {
  return "0 0 m 500 800 l 10 700 490 30 20 10 c S ".repeat(400_000);
}

describe.each<[string, Sandbox, (sandbox: Sandbox, pool: ProcessPool<RendererProcess>) => Converter]>([
  ["poppler in bubblewrap", bubblewrap, (sandbox, pool) => new PopplerConverter(sandbox, pool)],
  ["pdfium in bubblewrap", bubblewrap, (_, pool) => new RendererConverter("pdf", pool)],
  ["pdfium in a process group", processGroup, (_, pool) => new RendererConverter("pdf", pool)],
])("PDFs by %s", (_name, sandbox, make) => {
  let files: SampleFiles;
  let pool: ProcessPool<RendererProcess>;
  let converter: Converter;

  beforeAll(async () => {
    files = await openSampleFiles();
    pool = new ProcessPool({ start: () => new RendererProcess(sandbox, tmpdir()), size: 1, usesEach: 5 });
    converter = make(sandbox, pool);
  });
  afterAll(async () => {
    await pool.close();
    await files.close();
  });

  it("become pages in order, at every scale, and keep the true count", async () => {
    const events = await files.convert(converter, samplePdf(4), { pageLimit: 3 });
    expect(events.map((event) => (event.type === "page" ? event.page : event.type))).toEqual([
      "pageCount",
      1,
      2,
      3,
      "text",
    ]);
    const text = events.at(-1);
    expect(text?.type === "text" && text.pages).toHaveLength(3);
    expect(text?.type === "text" && text.pages[1]).toContain("Line 7 of page 2: what is written here");
    expect(events[0]).toEqual({ type: "pageCount", count: 4 });
    const { images, placeholder } = pageOf(events, 2);
    for (const [scale, width] of [
      ["small", 180],
      ["normal", 700],
      ["large", 1000],
    ] as const) {
      const metadata = await sharp(images[scale]?.bytes).metadata();
      expect(metadata).toMatchObject({ format: "webp", width, height: images[scale]?.height });
    }
    expect(placeholder).toMatch(/^data:image\/webp;base64,/);
    // The blue bar at the foot of the page: colours are right, and the page is not upside down.
    const { data, info } = await sharp(images["large"]?.bytes).raw().toBuffer({ resolveWithObject: true });
    const pixel = (Math.round(info.height * 0.9) * info.width + 200) * info.channels;
    expect(data[pixel]).toBeLessThan(90);
    expect(data[pixel + 2]).toBeGreaterThan(180);
  });

  it("keep their proportions, turned pages and endless ones too", async () => {
    const size = { width: 300, height: 600 };
    const upright = pageOf(await files.convert(converter, samplePdf(1, "a", { size })), 1).images["small"];
    const turned = pageOf(await files.convert(converter, samplePdf(1, "a", { size, turn: 90 })), 1).images[
      "small"
    ];
    expect(upright).toMatchObject({ width: 180, height: 360 });
    expect(turned).toMatchObject({ width: 180, height: 90 });
    const endless = { size: { width: 10, height: 14_000 } };
    const { images } = pageOf(await files.convert(converter, samplePdf(1, "a", endless)), 1);
    expect(images["large"]).toMatchObject({ height: 3000, width: 2 });
  });

  it("leave out the pages that are there already", async () => {
    const events = await files.convert(converter, samplePdf(3), { has: (page) => page !== 2 });
    expect(events.filter((event) => event.type === "page").map((event) => event.page)).toEqual([2]);
  });

  it("come as JPEG or PNG where that is asked for", async () => {
    for (const format of ["jpeg", "png"] as const) {
      const events = await files.convert(converter, samplePdf(1), { format });
      expect((await sharp(pageOf(events, 1).images["normal"]?.bytes).metadata()).format).toBe(format);
    }
  });

  it("that are locked or damaged are told apart, and the next one works", async () => {
    await expect(files.convert(converter, await lockedPdf())).rejects.toMatchObject({
      code: "password-protected",
    });
    await expect(files.convert(converter, Buffer.from("%PDF-1.4\nnonsense"))).rejects.toMatchObject({
      code: "damaged-file",
    });
    expect(await files.convert(converter, samplePdf(1))).toHaveLength(3);
  });

  it("that take too long are given up, and the next one works", async () => {
    await expect(
      files.convert(converter, samplePdf(1, "slow", { drawing: manyCurves }), { timeoutMs: 700 }),
    ).rejects.toMatchObject({ code: "too-complex" });
    expect(await files.convert(converter, samplePdf(1))).toHaveLength(3);
  });

  it("stop when the run is aborted", async () => {
    const abort = new AbortController();
    const converting = files.convert(converter, samplePdf(20), {
      signal: abort.signal,
      has: (page) => {
        if (page === 3) abort.abort(new Error("enough"));
        return false;
      },
    });
    await expect(converting).rejects.toThrow("enough");
  });

  it("are repaired where their end is lost", async () => {
    const whole = samplePdf(5).toString("latin1");
    const fourthPage = [...whole.matchAll(/\/Type \/Page /g)][3]?.index ?? 0;
    const broken = Buffer.from(whole.slice(0, fourthPage), "latin1");
    const repairing = new FallbackConverter(converter, new RendererConverter("pdf", pool));
    const events = await files.convert(repairing, broken);
    expect(events.filter((event) => event.type === "page")).toHaveLength(3);
  });
});
