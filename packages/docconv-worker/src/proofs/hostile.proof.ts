/** `npm run docconv-hostile -w bench`: every class of hostile document, one after the other, by one worker. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ColdOffice } from "../offices/cold-office.ts";
import type { PreviewStatus } from "../previews.ts";
import { ProcessGroupSandbox } from "../sandboxes/process-group-sandbox.ts";
import { reachUnheld, setBait, type SetBait } from "../testing/bait.ts";
import {
  deflateBomb,
  docxWith,
  entityBomb,
  farCellSheet,
  MACRO_MARK,
  macroDocument,
  pixelBomb,
  REACHING,
} from "../testing/hostile-files.ts";
import { flatTextWith, officeSamples, pdfWithMacros } from "../testing/office-samples.ts";
import { descendants } from "../testing/process-tree.ts";
import { lockedPdf } from "../testing/sample-files.ts";
import { samplePdf } from "../testing/sample-pdf.ts";
import { startTestDocconv, type TestDocconv } from "../testing/test-docconv.ts";

/** Longest that a job may take: the worker's own limit, and what ends it. */
const CONVERT_TIMEOUT_MS = 40_000;
const LIMIT_MS = CONVERT_TIMEOUT_MS + 10_000;

/** More operators than any engine draws in half a minute, in little more than a megabyte. */
function slowPdf(): Buffer {
  return samplePdf(1, "Slow", {
    drawing: () => "0 0 m 500 800 l 10 700 490 30 20 10 c S ".repeat(8_000_000 / 4),
  });
}

const sample = async (
  format: Parameters<typeof officeSamples>[0][number],
  password?: string,
): Promise<Buffer> => (await officeSamples([format], 3, password)).get(format) ?? Buffer.alloc(0);
const half = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length * 0.6));
const image = (format: "png" | "jpeg" | "webp" | "gif" | "tiff"): Promise<Buffer> => {
  const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
  return sharp({ create: { width: 800, height: 600, channels: 3, background: "#29b", noise } })
    .toFormat(format)
    .toBuffer();
};
const nestedMail = (depth: number): string =>
  Array.from(
    { length: depth },
    (_, level) => `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`,
  ).join("");

/** What becomes of it: a state, or the code of a problem; more than one where what is in it decides. */
const CLASSES: readonly (readonly [
  what: string,
  name: string,
  make: () => Promise<Buffer | string>,
  ...outcomes: string[],
])[] = [
  ["nothing", "a.pdf", async () => "", "empty-file"],
  ["a program", "a.pdf", () => readFile("/usr/bin/true"), "disguised-executable"],
  [
    "a Windows program",
    "a.docx",
    async () => Buffer.from(`MZ${"\0".repeat(58)}\u0080\0\0\0`, "latin1"),
    "disguised-executable",
  ],
  ["a PDF with a user password", "a.pdf", lockedPdf, "password-protected"],
  ["a PDF with an owner password alone", "a.pdf", () => lockedPdf(""), "done"],
  ["a DOCX with a password", "a.docx", () => sample("docx", "secret"), "password-protected"],
  ["an XLSX with a password", "a.xlsx", () => sample("xlsx", "secret"), "password-protected"],
  ["a PPTX with a password", "a.pptx", () => sample("pptx", "secret"), "password-protected"],
  ["an ODT with a password", "a.odt", () => sample("odt", "secret"), "password-protected"],
  ["a DOC with a password", "a.doc", () => sample("doc", "secret"), "password-protected"],
  ["an XLS with a password", "a.xls", () => sample("xls", "secret"), "password-protected"],
  ["half a PDF", "a.pdf", async () => half(samplePdf(9)), "done"],
  ["a PDF of which no page is left", "a.pdf", async () => samplePdf(9).subarray(0, 900), "damaged-file"],
  ["half a DOCX", "a.docx", async () => half(await sample("docx")), "damaged-file"],
  ["half an XLSX", "a.xlsx", async () => half(await sample("xlsx")), "damaged-file"],
  ["half a PPTX", "a.pptx", async () => half(await sample("pptx")), "damaged-file"],
  ["half an ODT", "a.odt", async () => half(await sample("odt")), "damaged-file"],
  ["half a DOC", "a.doc", async () => half(await sample("doc")), "damaged-file", "done"],
  ["half a PNG", "a.png", async () => half(await image("png")), "damaged-file"],
  ["half a JPEG", "a.jpg", async () => half(await image("jpeg")), "damaged-file"],
  ["half a WebP", "a.webp", async () => half(await image("webp")), "damaged-file"],
  ["half a GIF", "a.gif", async () => half(await image("gif")), "damaged-file"],
  ["half a TIFF", "a.tif", async () => half(await image("tiff")), "damaged-file"],
  ["a DOCX that unpacks to 4 GB", "a.docx", async () => deflateBomb(4000), "too-complex"],
  [
    "a DOCX that unpacks to 4 GB, and says 1 kB",
    "a.docx",
    async () => deflateBomb(4000, 1000),
    "too-complex",
    "damaged-file",
  ],
  ["a gigapixel PNG", "a.png", async () => pixelBomb(), "image-too-large"],
  ["an e-mail with a gigapixel PNG", "a.eml", async () => mailWith(pixelBomb()), "done"],
  [
    "a page of 200,000 points square",
    "a.pdf",
    async () => samplePdf(1, "a", { size: { width: 200_000, height: 200_000 } }),
    "done",
  ],
  [
    "a page of 10 x 200,000 points",
    "a.pdf",
    async () => samplePdf(1, "a", { size: { width: 10, height: 200_000 } }),
    "done",
  ],
  ["a PDF of eight million operators", "a.pdf", async () => slowPdf(), "too-complex"],
  ["a PDF of 20,000 pages", "a.pdf", async () => samplePdf(20_000), "done"],
  ["a spreadsheet with one far cell", "a.xlsx", async () => farCellSheet(), "done"],
  [
    "an entity bomb as FODT",
    "a.fodt",
    async () => entityBomb(flatTextWith("<text:p>Words.</text:p>")),
    "damaged-file",
    "too-complex",
  ],
  [
    "an entity bomb as SVG",
    "a.svg",
    async () =>
      entityBomb('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>Words.</text></svg>'),
    "damaged-file",
    "too-complex",
  ],
  [
    "a DOCX of two million paragraphs",
    "a.docx",
    async () => docxWith("<w:p><w:r><w:t>A</w:t></w:r></w:p>".repeat(2_000_000)),
    "too-complex",
    "damaged-file",
    "done",
    "partial",
  ],
  [
    "HTML that is nested a hundred thousand times",
    "a.html",
    async () => "<div>".repeat(100_000),
    "done",
    "too-complex",
    "no-pages",
  ],
  ["Markdown of brackets", "a.md", async () => "[".repeat(300_000), "done", "too-complex", "partial"],
  ["Markdown of quotes", "a.md", async () => ">".repeat(300_000), "done", "too-complex", "damaged-file"],
  [
    "an e-mail that is nested ten thousand times",
    "a.eml",
    async () => `Subject: a\r\n${nestedMail(10_000)}`,
    "damaged-file",
  ],
  [
    "a CSV with a row of 200,000 columns",
    "a.csv",
    async () => "a,".repeat(200_000),
    "done",
    "too-complex",
    "damaged-file",
  ],
  [
    "a text of one line of 20 MB",
    "a.txt",
    async () => "word ".repeat(4_000_000),
    "done",
    "partial",
    "too-complex",
  ],
  ["an archive", "a.zip", async () => Buffer.from("PK\u0005\u0006" + "\0".repeat(18)), "unsupported-format"],
  [
    "an archive that says it is a DOCX",
    "a.docx",
    async () => Buffer.from("PK\u0005\u0006" + "\0".repeat(18)),
    "damaged-file",
  ],
  ["gzip that says it is a PDF", "a.pdf", async () => gzipSync("x"), "unsupported-format"],
  ["a name that climbs", "../../../../../tmp/climbed.docx", () => sample("docx"), "done"],
  ["a name that is an option", "--convert-to=x.docx", () => sample("docx"), "done"],
  ["a name with a command in it", "$(touch /tmp/ran);`touch /tmp/ran`.pdf", async () => samplePdf(1), "done"],
  ["a name of a thousand letters", `${"n".repeat(1000)}.pdf`, async () => samplePdf(1), "done"],
  ["a macro", "a.fodt", async () => macroDocument(), "done"],
];

function mailWith(png: Buffer): string {
  return [
    "Subject: a",
    'Content-Type: multipart/related; boundary="b"',
    "",
    "--b",
    "Content-Type: text/html",
    "",
    '<p>Words.</p><img src="cid:a">',
    "--b",
    "Content-Type: image/png",
    "Content-ID: <a>",
    "Content-Transfer-Encoding: base64",
    "",
    png.toString("base64"),
    "--b--",
  ].join("\r\n");
}

async function children(): Promise<readonly number[]> {
  return (await descendants()).map(({ pid }) => pid);
}

const isOurs = (name: string): boolean => !/^(?:docconv-test|bait)-/.test(name);

describe("a worker and hostile documents", () => {
  let test: TestDocconv;
  let bait: SetBait;
  let before: readonly number[];
  let temporary: string;

  beforeAll(async () => {
    before = await children();
    // Of this proof alone, so that what is left there is the worker's.
    temporary = await mkdtemp(join(tmpdir(), "docconv-proof-"));
    process.env["TMPDIR"] = temporary;
    bait = await setBait();
    test = await startTestDocconv({ convertTimeoutMs: CONVERT_TIMEOUT_MS });
  });
  afterAll(async () => {
    await test.close();
    await bait.close();
    await rm(temporary, { recursive: true, force: true });
  });

  async function convert(
    uid: string,
    name: string,
    content: Buffer | string,
  ): Promise<PreviewStatus & { readonly ms: number }> {
    const started = performance.now();
    const id = await test.upload(uid, { bytes: Buffer.from(content), name });
    for (;;) {
      const job = await test.docconv.queue.status(id);
      if (job?.state === "completed" || job?.state === "failed") break;
      if (performance.now() - started > LIMIT_MS) throw new Error(`${name} still runs after ${LIMIT_MS} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { ...(await test.docconv.previews.status(uid)), ms: performance.now() - started };
  }

  for (const [what, name, make, ...outcomes] of CLASSES)
    it(`contains ${what}`, async () => {
      const uid = what.replace(/\W+/g, "-");
      const { problem, status, partial, pages, ms } = await convert(uid, name, await make());
      const outcome = problem?.code ?? (status !== "succeeded" ? status : partial ? "partial" : "done");
      process.stdout.write(`${what}: ${outcome}, ${pages} pages, ${(ms / 1000).toFixed(1)} s\n`);
      expect(outcomes).toContain(outcome);
      expect(ms).toBeLessThan(LIMIT_MS);
      if (problem) expect(problem.text).toMatch(/^[A-Z].+\. [A-Z].+\.$/);
      expect(await convert(`after-${uid}`, "next.pdf", samplePdf(1, what))).toMatchObject({
        status: "succeeded",
        pages: 1,
      });
    });

  it.each(Object.keys(REACHING).filter((format) => format !== "eml" && format !== "svg"))(
    "%s would reach both without a sandbox",
    async (format) => {
      const office = new ColdOffice(
        new ProcessGroupSandbox({ prlimit: true, setpriv: true }),
        "/usr/bin/soffice",
      );
      const reached = await reachUnheld(format, office, bait);
      process.stdout.write(`${format} without a sandbox: ${JSON.stringify(reached)}\n`);
      expect(reached.hit).toBe(true);
      expect(reached.seen).toContain("disk");
    },
  );

  it.each(Object.keys(REACHING))("lets %s reach neither network nor disk", async (format) => {
    bait.hits.length = 0;
    const uid = `reaching-${format}`;
    const { status } = await convert(uid, `a.${format}`, REACHING[format]?.(bait) ?? "");
    expect(status).toBe("succeeded");
    const page = Buffer.from(await (await test.get(`/previews/${uid}/pages/1/large`, "jane")).arrayBuffer());
    expect({ hits: bait.hits, seen: await bait.seenIn(page) }).toEqual({ hits: [], seen: [] });
  });

  it("runs no macro, though it would run", async () => {
    const text = await (await test.get("/previews/a-macro/text", "jane")).text();
    expect(text).toContain("Words.");
    const { stdout } = await ran(await pdfWithMacros(macroDocument()));
    expect(stdout).toContain(MACRO_MARK);
  });

  it("leaves nothing behind: no process, no profile, no temporary file", async () => {
    const work = join(test.dataDir, "work");
    const [own = ""] = await readdir(work);
    expect((await readdir(join(work, own))).filter((name) => name.startsWith("run-"))).toEqual([]);
    await test.docconv.close();
    await expect.poll(children, { timeout: 10_000 }).toEqual(before);
    expect(await readdir(work)).toEqual([]);
    expect((await readdir(temporary)).filter(isOurs)).toEqual([]);
    expect(await readdir("/tmp")).not.toEqual(expect.arrayContaining(["climbed.docx"]));
    expect(await readdir("/tmp")).not.toEqual(expect.arrayContaining(["ran"]));
  });
});

/** The text of a PDF. */
function ran(pdf: Buffer): Promise<{ stdout: string }> {
  const running = promisify(execFile)("pdftotext", ["-", "-"]);
  running.child.stdin?.end(pdf);
  return running;
}
