/** The documents that are converted, twenty pages each unless told otherwise: made here, the same at every run. */
import { execFile } from "node:child_process";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { makeSample } from "demo/samples";
import PdfKit from "pdfkit";
import pptxgen from "pptxgenjs";
import sharp from "sharp";

export interface BenchDocument {
  /** As in the targets: office, slides, scan, text. */
  readonly name: string;
  readonly file: string;
  readonly pages: number;
}

// Its types describe the CommonJS build, in which the class is `default`; Node loads the ES module, which is the class.
const Presentation = pptxgen as unknown as typeof pptxgen.default;

const PAGES = 20;
/** A4 at 200 dpi, as scanners give it. */
const SCAN = { width: 1654, height: 2339 };
const WORDS =
  "the berth crane ferry depth storm gate quay water figures plan winter tide pilot harbour light";

/** Writes them all into a folder. */
export async function writeDocuments(folder: string): Promise<readonly BenchDocument[]> {
  const write = async (
    name: string,
    extension: string,
    content: Promise<Uint8Array>,
  ): Promise<BenchDocument> => {
    const file = join(folder, `${name}.${extension}`);
    await writeFile(file, await content);
    return { name, file, pages: PAGES };
  };
  const docx = await write("docx", "docx", makeSample("north-quay-report.docx"));
  return [
    await officePdf(docx, folder),
    docx,
    await write("slides", "pptx", slides(PAGES)),
    await write("scan", "pdf", scanPdf(PAGES)),
    await write("text", "pdf", textPdf(PAGES)),
  ];
}

/** What LibreOffice makes of the Word document. */
async function officePdf({ file, pages }: BenchDocument, folder: string): Promise<BenchDocument> {
  const profile = `-env:UserInstallation=file://${join(folder, "profile")}`;
  await promisify(execFile)("soffice", [
    profile,
    "--headless",
    "--convert-to",
    "pdf",
    "--outdir",
    folder,
    file,
  ]);
  const target = join(folder, "office.pdf");
  await rename(join(folder, "docx.pdf"), target);
  return { name: "office", file: target, pages };
}

/** Lines of text and nothing else. */
export async function textPdf(pages: number): Promise<Buffer> {
  const document = new PdfKit({ size: "A4", autoFirstPage: false });
  const bytes = buffer(document);
  for (let page = 1; page <= pages; page += 1) {
    document.addPage();
    document.font("Helvetica").fontSize(11);
    for (const line of lines(page)) document.text(line);
  }
  document.end();
  return bytes;
}

/** A photograph of such a page, with the grain of paper, and no text behind it. */
async function scanPdf(pages: number): Promise<Buffer> {
  const document = new PdfKit({ size: "A4", autoFirstPage: false });
  const bytes = buffer(document);
  const paper = await blankPaper();
  for (let page = 1; page <= pages; page += 1) {
    const photograph = await photographOf(page, paper);
    document.addPage().image(photograph, 0, 0, { width: 595.28, height: 841.89 });
  }
  document.end();
  return bytes;
}

async function photographOf(page: number, paper: Buffer): Promise<Buffer> {
  const rows = lines(page).map((line, row) => `<text x="160" y="${240 + row * 46}">${line}</text>`);
  const text = `<g font-family="Liberation Serif" font-size="32">${rows.join("")}</g>`;
  const { width, height } = SCAN;
  const ink = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${text}</svg>`;
  return sharp(paper, { raw: { ...SCAN, channels: 3 } })
    .composite([{ input: Buffer.from(ink) }])
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** Blank, with its grain, as raw pixels. */
function blankPaper(): Promise<Buffer> {
  const noise = { type: "gaussian", mean: 235, sigma: 8 } as const;
  return sharp({ create: { ...SCAN, channels: 3, background: "white", noise } })
    .raw()
    .toBuffer();
}

/** Headings, lists, a shape with a gradient's worth of bars, and a photograph on each. */
async function slides(count: number): Promise<Uint8Array> {
  const presentation = new Presentation();
  presentation.layout = "LAYOUT_16x9";
  const paper = await blankPaper();
  for (let slide = 1; slide <= count; slide += 1) {
    const picture = await sharp(await photographOf(slide, paper))
      .resize(500)
      .jpeg()
      .toBuffer();
    const page = presentation.addSlide();
    page.background = { color: "F4F1E8" };
    page.addText(`Part ${slide}`, {
      x: 0.4,
      y: 0.2,
      w: 9,
      h: 0.8,
      fontSize: 32,
      bold: true,
      color: "0B6B74",
    });
    const items = lines(slide)
      .slice(0, 6)
      .map((line) => ({ text: line.slice(0, 48), options: { bullet: true } }));
    page.addText(items, { x: 0.4, y: 1.1, w: 5.5, h: 3, fontSize: 14 });
    for (let bar = 0; bar < 12; bar += 1) {
      const height = 0.2 + ((slide * 7 + bar * 5) % 11) / 10;
      page.addShape("rect", {
        x: 0.4 + bar * 0.45,
        y: 5.4 - height,
        w: 0.35,
        h: height,
        fill: { color: "2F7F86" },
      });
    }
    page.addImage({
      data: `image/jpeg;base64,${picture.toString("base64")}`,
      x: 6.2,
      y: 0.6,
      w: 3.2,
      h: 4.5,
    });
  }
  return (await presentation.write({ outputType: "uint8array" })) as Uint8Array;
}

/** The same ones for the same page. */
function lines(page: number): readonly string[] {
  const words = WORDS.split(" ");
  return Array.from({ length: 42 }, (_, line) => {
    const chosen = Array.from(
      { length: 11 },
      (__, word) => words[(page * 31 + line * 17 + word * word * 7) % words.length],
    );
    return `${page}.${line + 1} ${chosen.join(" ")}`;
  });
}
