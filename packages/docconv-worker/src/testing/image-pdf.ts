/** For tests: a PDF of scanned pages, an image each and no text, written by hand. */

/** @param jpegs 1240 x 400 pixels each */
export function imagePdf(jpegs: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from("%PDF-1.4\n")];
  const add = (number: number, ...body: readonly (string | Buffer)[]): void => {
    parts.push(
      Buffer.from(`${number} 0 obj\n`),
      ...body.map((each) => Buffer.from(each)),
      Buffer.from("\nendobj\n"),
    );
  };
  const draw = "q 595 0 0 192 0 600 cm /I Do Q";
  const kids = jpegs.map((_, index) => `${3 + index * 3} 0 R`).join(" ");
  add(1, "<< /Type /Catalog /Pages 2 0 R >>");
  add(2, `<< /Type /Pages /Count ${jpegs.length} /Kids [${kids}] >>`);
  for (const [index, jpeg] of jpegs.entries()) {
    const page = 3 + index * 3;
    const resources = `/Resources << /XObject << /I ${page + 2} 0 R >> >>`;
    add(
      page,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] ${resources} /Contents ${page + 1} 0 R >>`,
    );
    add(page + 1, `<< /Length ${draw.length} >>\nstream\n${draw}\nendstream`);
    const look = "/Subtype /Image /Width 1240 /Height 400 /ColorSpace /DeviceRGB /BitsPerComponent 8";
    add(
      page + 2,
      `<< /Type /XObject ${look} /Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n`,
      jpeg,
      "\nendstream",
    );
  }
  // Without a table of offsets: readers make one of what they find.
  parts.push(Buffer.from("trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"));
  return Buffer.concat(parts);
}
