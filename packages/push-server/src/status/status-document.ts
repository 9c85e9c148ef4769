/** What the status page's job converts: a page of PDF, another one each day, so that a converter has work to do. */
import type { FetchedDocument } from "cms-client";

export function statusDocument(now: Date = new Date()): FetchedDocument {
  const pdf = Buffer.from(onePage(`Status check of ${now.toISOString().slice(0, 10)}`), "latin1");
  return { name: "status-check.pdf", mediaType: "application/pdf", body: only(pdf) };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

/** ISO 32000-1, section 7.5: header, objects, cross-reference table with the position of each, trailer. */
function onePage(text: string): string {
  const content = `BT /F1 24 Tf 40 100 Td (${text}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let pdf = "%PDF-1.4\n";
  const positions = objects.map((object, index) => {
    const position = pdf.length;
    pdf += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(position).padStart(10, "0")} 00000 n \n`;
  });
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${positions.join("")}`;
  return `${pdf}${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${pdf.length}\n%%EOF\n`;
}
