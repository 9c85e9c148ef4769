import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flatTextWith, type OfficeFormat, officeSamples } from "./testing/office-samples.ts";
import { startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";

const PAGES = 3;
const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150"><circle cx="70" cy="70" r="60"/></svg>';

function image(): ReturnType<typeof sharp> {
  return sharp({ create: { width: 1200, height: 600, channels: 3, background: "#2980b9" } });
}

describe("formats", () => {
  let test: TestDocconv;

  beforeAll(async () => {
    test = await startTestDocconv();
  });
  afterAll(() => test.close());

  async function expectPages(extension: string, bytes: Buffer, pages: number): Promise<void> {
    await test.upload(extension, { bytes, name: `sample.${extension}` });
    const done = await test.announced(extension, "done");
    expect(done.html?.match(/<figure/g)).toHaveLength(pages);
    const response = await test.get(`/previews/${extension}/pages/1/small`, "jane");
    expect((await sharp(await response.arrayBuffer()).metadata()).width).toBe(180);
  }

  describe("of LibreOffice", () => {
    const formats = ["docx", "doc", "odt", "rtf", "xlsx", "xls", "ods", "pptx", "ppt", "odp"] as const;
    let samples: ReadonlyMap<OfficeFormat, Buffer>;

    beforeAll(async () => {
      samples = await officeSamples(formats, PAGES);
    });

    it.each(formats)("%s becomes pages", async (format) => {
      const pages = format.startsWith("x") || format === "ods" ? 1 : PAGES;
      await expectPages(format, samples.get(format) ?? Buffer.alloc(0), pages);
    });

    it.each([
      ["csv", "name;value\nälpha;1\n"],
      ["txt", "Plain wörds.\n"],
      ["md", "# Plain words\n\n- and a list\n"],
      ["html", "<!doctype html><title>T</title><h1>Wörds</h1><p>and a <a href='/x'>link</a>"],
      ["fodt", flatTextWith("<text:p>Flat.</text:p>")],
    ])("%s becomes pages", async (extension, text) => {
      await expectPages(extension, Buffer.from(text), 1);
    });
  });

  it.each([
    ["png", () => image().png().toBuffer()],
    ["jpg", () => image().jpeg().toBuffer()],
    ["webp", () => image().webp().toBuffer()],
    ["gif", () => image().gif().toBuffer()],
    ["tif", () => image().tiff().toBuffer()],
    ["avif", () => image().avif({ effort: 0 }).toBuffer()],
    ["svg", async () => Buffer.from(SVG)],
  ])("%s becomes a page", async (extension, make) => {
    await expectPages(extension, await make(), 1);
  });
});
