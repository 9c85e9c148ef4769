/** Decides what a document is: by its content, then its name, then what the CMS says; nothing else is converted. */
import { open } from "node:fs/promises";
import { extname } from "node:path";
import { fileTypeFromFile } from "file-type";
import { DocumentError } from "./document-error.ts";
import type { FetchedFile } from "./document-file.ts";

const OOXML = "application/vnd.openxmlformats-officedocument";
const ODF = "application/vnd.oasis.opendocument";

/** The formats with a converter, by extension. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
  ".gif": "image/gif",
  ".tif": "image/tiff",
  ".tiff": "image/tiff",
  ".svg": "image/svg+xml",
  ".avif": "image/avif",
  ".heic": "image/heic",
  ".heif": "image/heif",
  ".docx": `${OOXML}.wordprocessingml.document`,
  ".xlsx": `${OOXML}.spreadsheetml.sheet`,
  ".pptx": `${OOXML}.presentationml.presentation`,
  ".doc": "application/msword",
  ".xls": "application/vnd.ms-excel",
  ".ppt": "application/vnd.ms-powerpoint",
  ".odt": `${ODF}.text`,
  ".ods": `${ODF}.spreadsheet`,
  ".odp": `${ODF}.presentation`,
  ".odg": `${ODF}.graphics`,
  ".fodt": `${ODF}.text-flat-xml`,
  ".fods": `${ODF}.spreadsheet-flat-xml`,
  ".fodp": `${ODF}.presentation-flat-xml`,
  ".rtf": "application/rtf",
  ".txt": "text/plain",
  ".csv": "text/csv",
  ".md": "text/markdown",
  ".markdown": "text/markdown",
  ".html": "text/html",
  ".htm": "text/html",
  ".eml": "message/rfc822",
};
const CONVERTED = new Set(Object.values(BY_EXTENSION));

/** The usual extension of a media type, with its dot; empty for one that has none here. */
export function extensionOf(mediaType: string): string {
  return Object.keys(BY_EXTENSION).find((extension) => BY_EXTENSION[extension] === mediaType) ?? "";
}

/** Whether there is a converter for what is said of a document: its media type, then its name. */
export function isConvertible(mediaType: string, name: string): boolean {
  return CONVERTED.has(normalise(mediaType)) || BY_EXTENSION[extname(name).toLowerCase()] !== undefined;
}

/** What file-type calls a format where others say something else. */
const ALIASES: Readonly<Record<string, string>> = {
  "text/rtf": "application/rtf",
  "application/x-pdf": "application/pdf",
  "image/jpg": "image/jpeg",
  "text/x-markdown": "text/markdown",
  "application/xhtml+xml": "text/html",
};

/** Containers that say nothing about what is in them. */
const ZIP = "application/zip";
const OLE = "application/x-cfb";
const XML = "application/xml";

const EXECUTABLES = new Set([
  "application/x-msdownload",
  "application/x-elf",
  "application/x-mach-binary",
  "application/java-vm",
  "application/vnd.android.package-archive",
  "application/x-ms-shortcut",
  "application/x-msi",
]);

/** Bytes that are looked at for what has no magic number. */
const HEAD_BYTES = 4096;
/** PDF readers take a header that starts this late (Adobe's implementation notes). */
const PDF_HEADER_BYTES = 1024;

/**
 * The media type of one of the formats that have a converter.
 * @throws DocumentError `disguised-executable`, `unsupported-format`, `damaged-file`, `password-protected`
 */
export async function decideMediaType(file: FetchedFile, name: string, stated: string): Promise<string> {
  const extension = extname(name).toLowerCase();
  const named = BY_EXTENSION[extension];
  const said = normalise(stated);
  const claimed = named ?? (CONVERTED.has(said) ? said : undefined);
  const head = await readHead(file.path);
  const detected = await detect(file, head, claimed);
  if (detected === undefined) return decideText(head, claimed);
  if (EXECUTABLES.has(detected)) {
    const problem = claimed ? "disguised-executable" : "unsupported-format";
    throw new DocumentError(problem, `The content is ${detected}.`);
  }
  if (CONVERTED.has(detected)) return detected;
  if (detected === OLE) return decideOle(file, claimed);
  if (detected === XML && claimed && isXml(claimed)) return claimed;
  if (detected === ZIP && claimed && isZipped(claimed)) {
    throw new DocumentError("damaged-file", `The content is a zip file, but no ${claimed}.`);
  }
  throw new DocumentError("unsupported-format", `The content is ${detected}.`);
}

async function detect(
  file: FetchedFile,
  head: Buffer,
  claimed: string | undefined,
): Promise<string | undefined> {
  const pdfHeader = head.subarray(0, PDF_HEADER_BYTES).indexOf("%PDF-");
  // A text, or a mail with a PDF in it, may speak of one.
  if (pdfHeader === 0 || (pdfHeader > 0 && !isTextual(claimed))) return "application/pdf";
  try {
    const type = await fileTypeFromFile(file.path);
    return type && normalise(type.mime);
  } catch {
    // A container that breaks off: its first bytes still say which it is.
    return head.subarray(0, 4).equals(Buffer.from("PK\u0003\u0004")) ? ZIP : undefined;
  }
}

/** Formats without a magic number are text; what it is says the name. */
function decideText(head: Buffer, claimed: string | undefined): string {
  const text = head.toString("utf8");
  const isText = !head.includes(0) || head.subarray(0, 2).toString("latin1") === "\u00ff\u00fe";
  if (isText && claimed && isXml(claimed) && /<(?:svg|office:document)[\s>]/i.test(text)) return claimed;
  if (isText && claimed?.startsWith("text/")) return claimed;
  // The name of a header, RFC 5322 section 2.2, or the line in front of it in a mailbox.
  if (claimed === "message/rfc822" && /^(?:From [^\n]*\n)?[!-9;-~]+:/.test(text)) return claimed;
  if (claimed) throw new DocumentError("damaged-file", `The content is no ${claimed}.`);
  throw new DocumentError("unsupported-format", "Neither content nor name says a format with a converter.");
}

/** Old Office files, and encrypted new ones: the container is the same. [MS-OFFCRYPTO] section 2.3 */
async function decideOle(file: FetchedFile, claimed: string | undefined): Promise<string> {
  if (await containsUtf16(file.path, "EncryptedPackage")) {
    throw new DocumentError("password-protected", "The container holds an encrypted package.");
  }
  const office = ["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"];
  if (claimed && office.includes(claimed)) return claimed;
  throw new DocumentError("unsupported-format", "The content is an OLE container with no Office name.");
}

async function containsUtf16(path: string, text: string): Promise<boolean> {
  const needle = Buffer.from(text, "utf16le");
  const file = await open(path);
  try {
    let tail = Buffer.alloc(0);
    for await (const chunk of file.createReadStream() as AsyncIterable<Buffer>) {
      const window = Buffer.concat([tail, chunk]);
      if (window.includes(needle)) return true;
      tail = window.subarray(-needle.length);
    }
    return false;
  } finally {
    await file.close().catch(() => undefined);
  }
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

function isTextual(mediaType: string | undefined): boolean {
  return mediaType !== undefined && (mediaType.startsWith("text/") || mediaType === "message/rfc822");
}

function isXml(mediaType: string): boolean {
  return mediaType.endsWith("xml");
}

function isZipped(mediaType: string): boolean {
  return mediaType.startsWith(OOXML) || mediaType.startsWith(ODF);
}

function normalise(mediaType: string): string {
  const bare = (mediaType.split(";")[0] ?? "").trim().toLowerCase();
  return ALIASES[bare] ?? bare;
}
