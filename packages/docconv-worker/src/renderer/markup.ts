/** In the renderer process: Markdown, HTML and e-mail become one clean HTML page, which LibreOffice prints. */
import { Marked } from "marked";
import { DocumentError } from "../document-error.ts";
import { escapeHtml } from "../html.ts";
import { guessEncoding } from "../text-encoding.ts";
import { cleanHtml, cleanStyleSheets } from "./clean-html.ts";
import { type InlineImages, prepareImages } from "./inline-images.ts";
import { readMail } from "./mail.ts";
import type { MarkupKind } from "./requests.ts";

/** For what brings no style of its own. LibreOffice knows little more of CSS than this. */
const STYLE = [
  'body { font-family: "Liberation Sans", "Arial", sans-serif; font-size: 11pt; line-height: 130%; color: #222222 }',
  'h1, h2, h3, h4, h5, h6 { font-family: "Liberation Sans", "Arial", sans-serif; color: #111111 }',
  "h1 { font-size: 22pt } h2 { font-size: 16pt } h3 { font-size: 13pt } h4, h5, h6 { font-size: 11pt }",
  "a { color: #0b57a4 }",
  'code { font-family: "Liberation Mono"; font-size: 10pt; background: #f2f2f2 }',
  'pre { font-family: "Liberation Mono"; font-size: 10pt; background: #f2f2f2; padding: 0.2cm; margin-top: 0.3cm }',
  "blockquote { margin-left: 0.6cm; padding-left: 0.2cm; border-left: 2pt solid #cccccc; color: #555555 }",
].join("\n");

/** The content of a page, and what else it needs. */
export interface Markup {
  readonly title: string;
  /** Not clean yet. */
  readonly html: string;
  /** Its own style sheets, not clean yet. Default: ours. */
  readonly style?: string;
  /** Put in front of what is not clean, and behind it; these are ours. */
  readonly head?: string;
  readonly foot?: string;
  /** The bytes of images that it names by these URLs, beside those that are in it as data: URLs. */
  readonly images?: ReadonlyMap<string, Uint8Array>;
}

/** @throws DocumentError `damaged-file`, `too-complex` */
export async function markupToHtml(kind: MarkupKind, bytes: Buffer): Promise<string> {
  try {
    return await toHtml(kind, bytes);
  } catch (cause) {
    // The stack is used up, or there is no string of this length.
    if (!(cause instanceof RangeError)) throw cause;
    throw new DocumentError("too-complex", `It is nested too deeply, or too long: ${cause.message}.`, {
      cause,
    });
  }
}

async function toHtml(kind: MarkupKind, bytes: Buffer): Promise<string> {
  switch (kind) {
    case "markdown":
      return page({ title: "", html: markdownToHtml(new TextDecoder(guessEncoding(bytes)).decode(bytes)) });
    case "mail":
      return page(await readMail(bytes));
    default:
      return page(readHtml(decodeHtml(bytes)));
  }
}

async function page({ title, html, style, head = "", foot = "", images }: Markup): Promise<string> {
  const prepared: InlineImages = await prepareImages(html, images);
  const body = cleanHtml(html, prepared);
  const sheet = style === undefined ? STYLE : cleanStyleSheets(style);
  return (
    `<!DOCTYPE html><html><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
    `<style>\n${sheet}\n</style></head><body>${head}${body}${foot}</body></html>`
  );
}

/** GitHub's dialect, tables and all. */
function markdownToHtml(text: string): string {
  const html = new Marked({ gfm: true, async: false }).parse(text) as string;
  // Lines between cells are an attribute to LibreOffice.
  return html.replaceAll("<table>", '<table border="1" cellpadding="4" cellspacing="0">');
}

function readHtml(text: string): Markup {
  const sheets = [...text.matchAll(/<style\b[^>]*>([\s\S]*?)<\/style\s*>/gi)].map(([, sheet]) => sheet ?? "");
  const [, title = ""] = /<title\b[^>]*>([^<]*)<\/title/i.exec(text) ?? [];
  return { title, html: text, ...(sheets.length > 0 && { style: sheets.join("\n") }) };
}

/** What the page says of itself within its first kilobyte, as in the HTML standard, section 13.2.3.2. */
function decodeHtml(bytes: Buffer): string {
  const guessed = guessEncoding(bytes);
  if (guessed === "windows-1252") {
    const start = bytes.toString("latin1", 0, 1024);
    const [, label] = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(start) ?? [];
    try {
      return new TextDecoder(label ?? guessed).decode(bytes);
    } catch {
      // A name that nobody knows.
    }
  }
  return new TextDecoder(guessed).decode(bytes);
}
