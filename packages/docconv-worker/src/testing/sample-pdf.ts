/** For tests and benchmarks: PDFs, written by hand so that every byte of them is known. */
import type { Size } from "../scale.ts";

/** How a sample differs from upright A4. */
export interface SamplePdfOptions {
  /** In points. */
  readonly size?: Size;
  /** Degrees clockwise, by which a viewer turns each page. */
  readonly turn?: number;
  /** Drawing operators in front of the text of a page. */
  readonly drawing?: (page: number) => string;
}

const A4 = { width: 595, height: 842 };

/** Pages with a heading and lines of text. */
export function samplePdf(pages: number, title = "Sample", options: SamplePdfOptions = {}): Buffer {
  const { size = A4, turn = 0, drawing } = options;
  const objects: string[] = [];
  const add = (body: string): number => objects.push(body);
  const font = add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
  const parent = pages * 2 + 2;
  const kids: number[] = [];
  for (let page = 1; page <= pages; page += 1) {
    const content = `${drawing?.(page) ?? ""} ${pageContent(title, page)}`;
    const stream = add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
    const look = `/MediaBox [0 0 ${size.width} ${size.height}] /Rotate ${turn}`;
    const resources = `/Resources << /Font << /F1 ${font} 0 R >> >>`;
    kids.push(add(`<< /Type /Page /Parent ${parent} 0 R ${look} ${resources} /Contents ${stream} 0 R >>`));
  }
  add(`<< /Type /Pages /Count ${pages} /Kids [${kids.map((kid) => `${kid} 0 R`).join(" ")}] >>`);
  const catalog = add(`<< /Type /Catalog /Pages ${parent} 0 R >>`);
  return assemble(objects, catalog);
}

function pageContent(title: string, page: number): string {
  const lines = Array.from({ length: 40 }, (_, index) => {
    const words = `Line ${index + 1} of page ${page}: what is written here matters to nobody but the renderer.`;
    return `0 -16 Td (${words}) Tj`;
  });
  return `BT /F1 28 Tf 60 770 Td (${title} ${page}) Tj /F1 11 Tf ${lines.join(" ")} ET 0.2 0.5 0.8 rg 60 60 200 40 re f`;
}

function assemble(objects: readonly string[], root: number): Buffer {
  let body = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`);
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries.join("")}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root ${root} 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(body + table + trailer, "latin1");
}
