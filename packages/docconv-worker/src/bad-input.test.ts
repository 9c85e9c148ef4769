import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deflateBomb, farCellSheet, pixelBomb } from "./testing/hostile-files.ts";
import { type OfficeFormat, officeSamples } from "./testing/office-samples.ts";
import { lockedPdf } from "./testing/sample-files.ts";
import { samplePdf } from "./testing/sample-pdf.ts";
import { startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";

const MAX_BYTES = 200_000;

async function truncatedDocx(): Promise<Buffer> {
  const docx = (await officeSamples(["docx"], 2)).get("docx") ?? Buffer.alloc(0);
  return docx.subarray(0, Math.floor(docx.length * 0.6));
}

async function lockedOffice(format: OfficeFormat): Promise<Buffer> {
  return (await officeSamples([format], 1, "secret")).get(format) ?? Buffer.alloc(0);
}

describe("a document that cannot be shown", () => {
  let test: TestDocconv;

  beforeAll(async () => {
    test = await startTestDocconv({ maxDocumentBytes: MAX_BYTES });
  });
  afterAll(() => test.close());

  it.each([
    ["an empty file", "empty.pdf", async () => Buffer.alloc(0), "empty-file"],
    ["a program renamed", "invoice.pdf", () => readFile("/usr/bin/true"), "disguised-executable"],
    ["a password", "locked.pdf", lockedPdf, "password-protected"],
    ["a password, of Word", "locked.docx", () => lockedOffice("docx"), "password-protected"],
    ["a password, of older Word", "locked.doc", () => lockedOffice("doc"), "password-protected"],
    ["a password, of LibreOffice", "locked.odt", () => lockedOffice("odt"), "password-protected"],
    ["half a DOCX", "half.docx", truncatedDocx, "damaged-file"],
    ["half a PDF", "half.pdf", async () => samplePdf(9).subarray(0, 900), "damaged-file"],
    ["text that says it is a PDF", "text.pdf", async () => Buffer.from("hello"), "damaged-file"],
    ["too many bytes", "large.pdf", async () => Buffer.alloc(MAX_BYTES + 1, "x"), "file-too-large"],
    ["a zip bomb", "bomb.docx", async () => deflateBomb(1, 4_000_000_000), "too-complex"],
    ["too many pixels", "huge.png", async () => pixelBomb(), "image-too-large"],
    [
      "a format that nobody converts",
      "song.mp3",
      async () => Buffer.from("ID3\u0003\0\0"),
      "unsupported-format",
    ],
    [
      "an archive",
      "all.zip",
      async () => Buffer.from("PK\u0005\u0006" + "\0".repeat(18)),
      "unsupported-format",
    ],
  ])("tells its owner what to do: %s", async (_what, name, make, code) => {
    const uid = `${code}-${name}`.replace(/[^\w-]/g, "-");
    const id = await test.upload(uid, { bytes: await make(), name });
    const message = await test.announced(uid, "failed");
    expect(message.html).toMatch(
      /data-state="failed".*role="alert">[A-Z][^<]*\. [A-Z][^<]*\.<|role="alert">[A-Z]/s,
    );
    const status = await (await test.get(`/previews/${uid}`, "jane")).json();
    expect(status).toMatchObject({ status: "failed", problem: { code } });
    // The job is done with: it is the document that failed, not the worker.
    await expect
      .poll(() => test.docconv.queue.status(id))
      .toMatchObject({ state: "completed", result: { state: "failed", problem: code } });
  });

  it.each([
    ["a spreadsheet with one far cell", "far.xlsx", async () => farCellSheet()],
    ["a PDF that may be read, but not changed", "owner.pdf", () => lockedPdf("")],
    ["half a PDF, as far as it goes", "half.pdf", async () => samplePdf(9).subarray(0, 15_000)],
    ["a name that climbs", "../../../tmp/climbed.pdf", async () => samplePdf(1)],
    ["a name with a command in it", "$(touch /tmp/ran);-rf.pdf", async () => samplePdf(1)],
  ])("shows %s", async (what, name, make) => {
    const uid = what.replace(/\W+/g, "-");
    await test.upload(uid, { bytes: await make(), name });
    expect((await test.announced(uid, "done")).html).toContain(`preview-${uid}-page-1`);
  });

  it("leaves the next upload alone", async () => {
    await test.upload("good", { bytes: samplePdf(2), name: "good.pdf" });
    expect((await test.announced("good", "done")).html).toContain("preview-good-page-2");
  });
});
