import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { officeSample, officeText } from "./testing/office-samples.ts";
import { startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";

const image = (): ReturnType<typeof sharp> =>
  sharp({ create: { width: 1200, height: 600, channels: 3, background: "#2980b9" } });
const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150"><circle cx="70" cy="70" r="60"/></svg>';

describe("formats", () => {
  let test: TestDocconv;

  beforeAll(async () => {
    test = await startTestDocconv();
  });
  afterAll(() => test.close());

  it.each([
    ["docx", () => officeText("docx", 3), 3],
    ["odt", () => officeText("odt", 2), 2],
    ["doc", () => officeText("doc", 2), 2],
    ["rtf", () => officeText("rtf", 2), 2],
    ["xlsx", () => officeSample("xlsx"), 1],
    ["pptx", () => officeSample("pptx"), 3],
    ["odp", () => officeSample("odp"), 3],
    ["csv", async () => Buffer.from("name,value\nalpha,1\n"), 1],
    ["txt", async () => Buffer.from("Plain words.\n"), 1],
    ["png", () => image().png().toBuffer(), 1],
    ["jpg", () => image().jpeg().toBuffer(), 1],
    ["webp", () => image().webp().toBuffer(), 1],
    ["gif", () => image().gif().toBuffer(), 1],
    ["tif", () => image().tiff().toBuffer(), 1],
    ["avif", () => image().avif({ effort: 0 }).toBuffer(), 1],
    ["svg", async () => Buffer.from(SVG), 1],
  ])("%s becomes pages", async (extension, make, pages) => {
    await test.upload(extension, { bytes: await make(), name: `sample.${extension}` });
    const done = await test.announced(extension, "done");
    expect(done.html?.match(/<figure/g)).toHaveLength(pages);
    const response = await test.get(`/previews/${extension}/pages/1/small`, "jane");
    expect((await sharp(await response.arrayBuffer()).metadata()).width).toBe(180);
  });
});
