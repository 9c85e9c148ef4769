import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { officeSamples } from "./testing/office-samples.ts";
import { lockedPdf } from "./testing/sample-files.ts";
import { samplePdf } from "./testing/sample-pdf.ts";
import { startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";

const MAX_BYTES = 200_000;

async function truncatedDocx(): Promise<Buffer> {
  const docx = (await officeSamples(["docx"], 2)).get("docx") ?? Buffer.alloc(0);
  return docx.subarray(0, Math.floor(docx.length * 0.6));
}

/** A DOCX whose directory says that it unpacks to four gigabytes. */
async function zipBomb(): Promise<Buffer> {
  const docx = Buffer.from((await officeSamples(["docx"], 1)).get("docx") ?? []);
  const entry = docx.indexOf(Buffer.from("PK\u0001\u0002"));
  docx.writeUInt32LE(0xff_ff_ff_00, entry + 24);
  return docx;
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG of a gigapixel, in a hundred kilobytes. */
function pixelBomb(): Buffer {
  const side = 32_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // one bit a pixel
  const pixels = deflateSync(Buffer.alloc(side * (side / 8 + 1)));
  const magic = Buffer.from("\u0089PNG\r\n\u001a\n", "latin1");
  return Buffer.concat([
    magic,
    pngChunk("IHDR", header),
    pngChunk("IDAT", pixels),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
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
    ["half a DOCX", "half.docx", truncatedDocx, "damaged-file"],
    ["half a PDF", "half.pdf", async () => samplePdf(9).subarray(0, 900), "damaged-file"],
    ["text that says it is a PDF", "text.pdf", async () => Buffer.from("hello"), "damaged-file"],
    ["too many bytes", "large.pdf", async () => Buffer.alloc(MAX_BYTES + 1, "x"), "file-too-large"],
    ["a zip bomb", "bomb.docx", zipBomb, "too-complex"],
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
    const uid = code + name.replace(/\W/g, "-");
    const id = await test.upload(uid, { bytes: await make(), name });
    const message = await test.announced(uid, "failed");
    expect(message.html).toMatch(
      /data-state="failed".*role="alert">[A-Z][^<]*\. [A-Z][^<]*\.<|role="alert">[A-Z]/s,
    );
    const status = await (await test.get(`/previews/${uid}`, "jane")).json();
    expect(status).toMatchObject({ status: "failed", problem: { code } });
    // The job is done with: it is the document that failed, not the worker.
    expect(await test.docconv.queue.status(id)).toMatchObject({
      state: "completed",
      result: { state: "failed", problem: code },
    });
  });

  it("leaves the next upload alone", async () => {
    await test.upload("good", { bytes: samplePdf(2), name: "good.pdf" });
    expect((await test.announced("good", "done")).html).toContain("preview-good-page-2");
  });
});
