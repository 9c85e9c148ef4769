/** For tests and benchmarks: Office files, made by LibreOffice itself from a flat text of many pages. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Formats that a text can be saved in. */
export type TextFormat = "docx" | "doc" | "odt" | "rtf" | "fodt";

/** @throws Error if LibreOffice is not installed */
export async function officeText(format: TextFormat, pages: number): Promise<Buffer> {
  return convert("sample.fodt", flatText(pages), format);
}

/** A spreadsheet or a presentation. @throws Error if LibreOffice is not installed */
export async function officeSample(format: "xlsx" | "xls" | "ods" | "pptx" | "ppt" | "odp"): Promise<Buffer> {
  if (format === "pptx" || format === "ppt" || format === "odp") {
    return convert("sample.fodp", flatSlides(3), format);
  }
  return convert("sample.csv", "name,value\nalpha,1\nbeta,2\n", format);
}

async function convert(name: string, content: string, format: string): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), "docconv-sample-"));
  try {
    const source = join(directory, name);
    await writeFile(source, content);
    const profile = `-env:UserInstallation=file://${directory}/profile`;
    const out = join(directory, "out");
    await run("soffice", [profile, "--headless", "--convert-to", format, "--outdir", out, source]);
    return await readFile(join(out, `sample.${format}`));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const NAMESPACES = [
  'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"',
  'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"',
  'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"',
  'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"',
  'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"',
  'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"',
].join(" ");

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

function flat(kind: string, styles: string, body: string): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><office:document ${NAMESPACES} office:version="1.2" ` +
    `office:mimetype="application/vnd.oasis.opendocument.${kind}">` +
    `<office:automatic-styles>${styles}</office:automatic-styles><office:body>${body}</office:body></office:document>`
  );
}
