/** In the renderer process: a PDF whose end is lost gets a new one, from the pages that are still in it. */

const OBJECT = /(\d{1,10})\s+\d{1,5}\s+obj\b/g;
const PAGE = /\/Type\s*\/Page(?![\w])/;
/** Longest dictionary of a page. */
const MAX_DICTIONARY = 20_000;
/** More pages than any preview shows, and a bound for what a file can make us write. */
const MAX_PAGES = 2000;

/**
 * Readers find a document's pages through its trailer, at the end of the file. Without it this appends a trailer,
 * a catalogue and a list of all page objects (ISO 32000-1, sections 7.5.5 and 7.7); readers rebuild the rest.
 * Undefined if no page is left.
 */
export function salvagePdf(bytes: Uint8Array): Buffer | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const pages = new Set<number>();
  let highest = 0;
  for (const match of text.matchAll(OBJECT)) {
    const number = Number(match[1]);
    highest = Math.max(highest, number);
    const start = match.index + match[0].length;
    const end = text.indexOf("endobj", start);
    if (end < 0 || end - start > MAX_DICTIONARY || pages.size >= MAX_PAGES) continue;
    // A later object of the same number replaces an earlier one.
    if (PAGE.test(text.slice(start, end))) pages.add(number);
    else pages.delete(number);
  }
  if (pages.size === 0) return undefined;
  const [list, catalog] = [highest + 1, highest + 2];
  const kids = [...pages].map((page) => `${page} 0 R`).join(" ");
  const end =
    `\n${list} 0 obj\n<< /Type /Pages /Count ${pages.size} /Kids [${kids}] >>\nendobj\n` +
    `${catalog} 0 obj\n<< /Type /Catalog /Pages ${list} 0 R >>\nendobj\n` +
    `trailer\n<< /Root ${catalog} 0 R /Size ${catalog + 1} >>\nstartxref\n0\n%%EOF\n`;
  // An object that breaks off would swallow what follows it.
  const whole = bytes.subarray(0, text.lastIndexOf("endobj") + "endobj".length);
  return Buffer.concat([whole, Buffer.from(end, "latin1")]);
}
