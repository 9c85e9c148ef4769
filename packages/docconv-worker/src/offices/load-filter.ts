/** How LibreOffice is told to read a document: by a named filter, so that it does not guess by itself. */
import { open } from "node:fs/promises";

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

/** UTF-8 in LibreOffice's list of character sets. */
const UTF8 = 76;
const DOUBLE_QUOTE = 34;
const SEPARATORS = [",", ";", "\t", "|"];
const HEAD_BYTES = 4096;

const PLAIN_TEXT: ReadonlySet<string> = new Set(["text/plain", "text/markdown"]);

/** Whether LibreOffice reads this media type. */
export function hasLoadFilter(mediaType: string): boolean {
  return FILTERS[mediaType] !== undefined || PLAIN_TEXT.has(mediaType) || mediaType === "text/csv";
}

/** The filter for a document; undefined for what LibreOffice does not read. */
export async function loadFilter(path: string, mediaType: string): Promise<LoadFilter | undefined> {
  if (PLAIN_TEXT.has(mediaType)) return { name: "Text (encoded)", options: "UTF8" };
  if (mediaType === "text/csv") {
    const separator = (await likelySeparator(path)).charCodeAt(0);
    return { name: "Text - txt - csv (StarCalc)", options: `${separator},${DOUBLE_QUOTE},${UTF8},1` };
  }
  const name = FILTERS[mediaType];
  return name === undefined ? undefined : { name };
}

/** The one that stands in the first lines most often. */
async function likelySeparator(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.toString("utf8", 0, bytesRead);
    const count = (separator: string): number => head.split(separator).length;
    return SEPARATORS.toSorted((a, b) => count(b) - count(a))[0] ?? ",";
  } finally {
    await file.close();
  }
}
