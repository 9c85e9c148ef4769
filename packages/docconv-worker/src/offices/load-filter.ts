/** How LibreOffice is told to read a document: by a named filter, so that it does not guess by itself. */
import { open } from "node:fs/promises";
import { guessEncoding, type TextEncoding } from "../text-encoding.ts";

/** A filter of LibreOffice, and its options (its help: "Filter Options"). */
export interface LoadFilter {
  readonly name: string;
  readonly options?: string;
}

const OOXML = "application/vnd.openxmlformats-officedocument";
const ODF = "application/vnd.oasis.opendocument";

const FILTERS: Readonly<Record<string, string>> = {
  [`${OOXML}.wordprocessingml.document`]: "MS Word 2007 XML",
  [`${OOXML}.spreadsheetml.sheet`]: "Calc MS Excel 2007 XML",
  [`${OOXML}.presentationml.presentation`]: "Impress MS PowerPoint 2007 XML",
  "application/msword": "MS Word 97",
  "application/vnd.ms-excel": "MS Excel 97",
  "application/vnd.ms-powerpoint": "MS PowerPoint 97",
  [`${ODF}.text`]: "writer8",
  [`${ODF}.spreadsheet`]: "calc8",
  [`${ODF}.presentation`]: "impress8",
  [`${ODF}.graphics`]: "draw8",
  [`${ODF}.text-flat-xml`]: "OpenDocument Text Flat XML",
  [`${ODF}.spreadsheet-flat-xml`]: "OpenDocument Spreadsheet Flat XML",
  [`${ODF}.presentation-flat-xml`]: "OpenDocument Presentation Flat XML",
  "application/rtf": "Rich Text Format",
  "text/html": "HTML (StarWriter)",
};

/** LibreOffice's names of encodings, for texts and for tables. */
const ENCODINGS: Readonly<Record<TextEncoding, readonly [text: string, csv: number]>> = {
  "utf-8": ["UTF8", 76],
  "utf-16le": ["UNICODE", 65_535],
  "utf-16be": ["UNICODE", 65_535],
  "windows-1252": ["MS_1252", 1],
};
const DOUBLE_QUOTE = 34;
const SEPARATORS = [",", ";", "\t", "|"];
/** What encoding and separator are guessed from. */
const HEAD_BYTES = 1_000_000;

/** Whether LibreOffice reads this media type. */
export function hasLoadFilter(mediaType: string): boolean {
  return FILTERS[mediaType] !== undefined || mediaType === "text/plain" || mediaType === "text/csv";
}

/** The filter for a document; undefined for what LibreOffice does not read. */
export async function loadFilter(path: string, mediaType: string): Promise<LoadFilter | undefined> {
  if (mediaType === "text/plain" || mediaType === "text/csv") {
    const head = await readHead(path);
    const encoding = guessEncoding(head);
    const [text, csv] = ENCODINGS[encoding];
    if (mediaType === "text/plain") return { name: "Text (encoded)", options: text };
    const separator = likelySeparator(new TextDecoder(encoding).decode(head)).charCodeAt(0);
    return { name: "Text - txt - csv (StarCalc)", options: `${separator},${DOUBLE_QUOTE},${csv},1` };
  }
  const name = FILTERS[mediaType];
  return name === undefined ? undefined : { name };
}

/** The one that stands in the first lines most often. */
function likelySeparator(text: string): string {
  const lines = text.split("\n", 20).join("\n");
  const count = (separator: string): number => lines.split(separator).length;
  return SEPARATORS.toSorted((a, b) => count(b) - count(a))[0] ?? ",";
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
