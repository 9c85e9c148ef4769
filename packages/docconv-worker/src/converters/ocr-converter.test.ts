import { tmpdir } from "node:os";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConversionEvent } from "../converter.ts";
import { ProcessPool } from "../process-pool.ts";
import { RendererProcess } from "../renderer/renderer-process.ts";
import { BubblewrapSandbox } from "../sandboxes/bubblewrap-sandbox.ts";
import { imagePdf } from "../testing/image-pdf.ts";
import { openSampleFiles, type SampleFiles } from "../testing/sample-files.ts";
import { samplePdf } from "../testing/sample-pdf.ts";
import { startTestDocconv } from "../testing/test-docconv.ts";
import { OcrConverter } from "./ocr-converter.ts";
import { PopplerConverter } from "./poppler-converter.ts";
import { RendererConverter } from "./renderer-converter.ts";

const sandbox = new BubblewrapSandbox();

/** A line of print, as a scanner sees it. */
function scan(line: string): Promise<Buffer> {
  const text = `<text x="60" y="160" font-family="Liberation Serif" font-size="48">${line}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1240" height="400"><rect width="1240" height="400" fill="#fff"/>${text}</svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 90 }).toBuffer();
}

function textOf(events: readonly ConversionEvent[]): readonly string[] {
  const event = events.at(-1);
  return event?.type === "text" ? event.pages.map((page) => page.trim()) : [];
}

describe("what has no text of its own", () => {
  let files: SampleFiles;
  let pool: ProcessPool<RendererProcess>;

  beforeAll(async () => {
    files = await openSampleFiles();
    pool = new ProcessPool({ start: () => new RendererProcess(sandbox, tmpdir()), size: 1, usesEach: 20 });
  });
  afterAll(async () => {
    await pool.close();
    await files.close();
  });

  it("is read, page by page, where it is a PDF", async () => {
    const bytes = imagePdf([await scan("The tide table of the harbour"), await scan("Second page")]);
    const converter = new OcrConverter(new PopplerConverter(sandbox, pool), {
      sandbox,
      pool,
      languages: ["eng"],
    });
    const events = await files.convert(converter, bytes, { timeoutMs: 60_000, ocrLanguages: ["eng"] });
    expect(events.filter(({ type }) => type === "page")).toHaveLength(2);
    expect(textOf(events)).toEqual(["The tide table of the harbour", "Second page"]);
  });

  it("is read where it is an image", async () => {
    const images = new RendererConverter("image", pool);
    const converter = new OcrConverter(images, { sandbox, pool, languages: ["eng"] });
    const bytes = await scan("A photograph of a notice");
    const events = await files.convert(converter, bytes, {
      mediaType: "image/jpeg",
      timeoutMs: 60_000,
      ocrLanguages: ["eng"],
    });
    expect(textOf(events)).toEqual(["A photograph of a notice"]);
  });

  it("stays without text where nobody asks for it, and where it cannot be read; what has text keeps it", async () => {
    const options = { sandbox, pool, languages: ["eng", "no-such-language"] };
    const converter = new OcrConverter(new PopplerConverter(sandbox, pool), options);
    for (const ocrLanguages of [[], ["deu"], ["no-such-language"]]) {
      const bytes = imagePdf([await scan("Unread")]);
      expect(textOf(await files.convert(converter, bytes, { timeoutMs: 60_000, ocrLanguages }))).toEqual([
        "",
      ]);
    }
    const withText = await files.convert(converter, samplePdf(1), { ocrLanguages: ["eng"] });
    expect(textOf(withText)[0]).toContain("Line 7 of page 1");
  });
});

describe("a scan that is uploaded", () => {
  it("is read if its job asks for that, and converted again for it", async () => {
    const test = await startTestDocconv();
    try {
      const document = { bytes: imagePdf([await scan("The tide table")]), name: "scan.pdf" };
      const textOfScan = async (): Promise<string> =>
        (await (await test.get("/previews/scan/text", "jane")).text()).trim();
      await test.upload("scan", document);
      await test.announced("scan", "done");
      expect(await textOfScan()).toBe("");
      test.messages.length = 0;
      await test.upload("scan", document, { ocrLanguages: ["eng"] });
      await test.announced("scan", "done");
      expect(await textOfScan()).toBe("The tide table");

      test.messages.length = 0;
      await test.docconv.regenerate("scan", { user: "jane", cookie: "__ac=jane-ticket" });
      await test.announced("scan", "done");
      expect(await textOfScan()).toBe("The tide table");
    } finally {
      await test.close();
    }
  });
});
