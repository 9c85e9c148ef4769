/** For tests and benchmarks: Office files, made by LibreOffice itself from a flat text of many pages. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SAVE_AS = fileURLToPath(new URL("save_as.py", import.meta.url));

/** What each format is made of, and LibreOffice's filter that writes it. */
const SAMPLES = {
  docx: ["fodt", "MS Word 2007 XML"],
  doc: ["fodt", "MS Word 97"],
  odt: ["fodt", "writer8"],
  rtf: ["fodt", "Rich Text Format"],
  xlsx: ["csv", "Calc MS Excel 2007 XML"],
  xls: ["csv", "MS Excel 97"],
  ods: ["csv", "calc8"],
  pptx: ["fodp", "Impress MS PowerPoint 2007 XML"],
  ppt: ["fodp", "MS PowerPoint 97"],
  odp: ["fodp", "impress8"],
} as const;

/** A format that samples can be had in. */
export type OfficeFormat = keyof typeof SAMPLES;

/**
 * Texts of `pages` pages, presentations of as many slides, and spreadsheets of one page.
 * @param password that opens them
 * @throws Error if LibreOffice or python3-uno is not installed
 */
export async function officeSamples(
  formats: readonly OfficeFormat[],
  pages: number,
  password?: string,
): Promise<ReadonlyMap<OfficeFormat, Buffer>> {
  const directory = await mkdtemp(join(tmpdir(), "docconv-sample-"));
  const path = (extension: string): string => join(directory, `sample.${extension}`);
  try {
    await writeFile(path("fodt"), flatText(pages));
    await writeFile(path("fodp"), flatSlides(pages));
    await writeFile(path("csv"), "name,value\nalpha,1\nbeta,2\n");
    const files = formats.map((format) => {
      const [source, filter] = SAMPLES[format];
      return { source: path(source), target: path(format), filter, password };
    });
    await saveAs(directory, files);
    return new Map(
      await Promise.all(formats.map(async (format) => [format, await readFile(path(format))] as const)),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A PDF of a flat text whose macros may run: what the worker must not make. */
export async function pdfWithMacros(text: string): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), "docconv-macro-"));
  try {
    const [source, target] = [join(directory, "macro.fodt"), join(directory, "macro.pdf")];
    await writeFile(source, text);
    await saveAs(directory, [{ source, target, filter: "writer_pdf_Export", macros: true }]);
    return await readFile(target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function saveAs(directory: string, files: readonly object[]): Promise<void> {
  const args = [SAVE_AS, join(directory, "profile"), JSON.stringify(files)];
  await run("/usr/bin/python3", args, { env: { PATH: "/usr/bin:/bin", HOME: directory, TMPDIR: directory } });
}

const NAMESPACES = [
  'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"',
  'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"',
  'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"',
  'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"',
  'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"',
  'xmlns:xlink="http://www.w3.org/1999/xlink"',
  'xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0"',
  'xmlns:ooo="http://openoffice.org/2004/office"',
  'xmlns:dom="http://www.w3.org/2001/xml-events"',
  'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"',
].join(" ");

/** A text with this content, as one flat file. */
export function flatTextWith(content: string, scripts = ""): string {
  return flat("text", "", `<office:text>${content}</office:text>`, scripts);
}

function flatText(pages: number): string {
  const sentence = "Nobody reads what stands here, but it fills the page as words of a real report would. ";
  const bodies = Array.from({ length: pages }, (_, index) => {
    const paragraphs = `<text:p>${sentence.repeat(4)}</text:p>`.repeat(6);
    return `<text:p text:style-name="${index === 0 ? "First" : "Page"}">Chapter ${index + 1}</text:p>${paragraphs}`;
  });
  return flat(
    "text",
    '<style:style style:name="First" style:family="paragraph"/>' +
      '<style:style style:name="Page" style:family="paragraph">' +
      '<style:paragraph-properties fo:break-before="page"/></style:style>',
    `<office:text>${bodies.join("")}</office:text>`,
  );
}

function flatSlides(slides: number): string {
  const frames = Array.from({ length: slides }, (_, index) => {
    const box = `<draw:text-box><text:p>Slide ${index + 1}</text:p></draw:text-box>`;
    const frame = `<draw:frame svg:width="20cm" svg:height="5cm" svg:x="2cm" svg:y="2cm">${box}</draw:frame>`;
    return `<draw:page draw:name="Slide${index + 1}">${frame}</draw:page>`;
  });
  return flat("presentation", "", `<office:presentation>${frames.join("")}</office:presentation>`);
}

function flat(kind: string, styles: string, body: string, scripts = ""): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><office:document ${NAMESPACES} office:version="1.2" ` +
    `office:mimetype="application/vnd.oasis.opendocument.${kind}">` +
    `${scripts}<office:automatic-styles>${styles}</office:automatic-styles><office:body>${body}</office:body></office:document>`
  );
}
