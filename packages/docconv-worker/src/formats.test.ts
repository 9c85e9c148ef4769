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

  async function expectPages(
    extension: string,
    bytes: Buffer,
    pages: number,
    uid = extension,
  ): Promise<void> {
    await test.upload(uid, { bytes, name: `sample.${extension}` });
    const done = await test.announced(uid, "done");
    expect(done.html?.match(/<figure/g)).toHaveLength(pages);
    const response = await test.get(`/previews/${uid}/pages/1/small`, "jane");
    expect((await sharp(await response.arrayBuffer()).metadata()).width).toBe(180);
  }

  async function textOf(uid: string): Promise<string> {
    return (await test.get(`/previews/${uid}/text`, "jane")).text();
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
      ["html", "<!doctype html><title>T</title><h1>Wörds</h1><p>and a <a href='/x'>link</a>"],
      ["fodt", flatTextWith("<text:p>Wörds.</text:p>")],
    ])("%s becomes pages", async (extension, text) => {
      await expectPages(extension, Buffer.from(text), 1);
      expect(await textOf(extension)).toMatch(/wörds|älpha/i);
    });

    it.each([
      ["txt", "latin1"],
      ["csv", "latin1"],
      ["txt", "utf16le"],
      ["csv", "utf16le"],
    ] as const)("%s in %s becomes pages that can be read", async (extension, encoding) => {
      const uid = `${extension}-${encoding}`;
      const text = `${encoding === "utf16le" ? "\ufeff" : ""}Gr\u00fc\u00dfe;M\u00fcller\r\nzwei;drei\r\n`;
      await test.upload(uid, { bytes: Buffer.from(text, encoding), name: `a.${extension}` });
      await test.announced(uid, "done");
      expect(await textOf(uid)).toMatch(/^\s*Grüße[; ]\s*Müller/);
    });

    it("md becomes a document, not the text of one", async () => {
      await expectPages("md", Buffer.from("# Plain words\n\n- and a *list*\n"), 1);
      expect(await textOf("md")).toMatch(/^\s*Plain words\n\s*•\s+and a list\s*$/);
    });

    it("eml becomes a page with its headers, its text and what is attached", async () => {
      const lines = [
        "From: =?utf-8?q?J=C3=B6rg?= <joerg@example.com>",
        "Subject: Plan",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        "Content-Type: text/html; charset=utf-8",
        "",
        "<p>Hello <b>Jane</b>",
        "--b",
        'Content-Type: application/pdf; name="plan.pdf"',
        "Content-Disposition: attachment",
        "Content-Transfer-Encoding: base64",
        "",
        btoa("%PDF-"),
        "--b--",
      ];
      await expectPages("eml", Buffer.from(lines.join("\r\n")), 1);
      const text = (await textOf("eml")).replace(/\s+/g, " ").trim();
      expect(text).toBe("Plan From Jörg <joerg@example.com> Hello Jane Attachments • plan.pdf (5 bytes)");
    });

    it("csv that is wide becomes a page that shows it all", async () => {
      const row = Array.from({ length: 14 }, (_, column) => `column number ${column}`).join(",");
      await expectPages("csv", Buffer.from(`${row}\n${row}\n`), 1, "wide-csv");
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
