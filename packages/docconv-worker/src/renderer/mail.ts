/** In the renderer process: an e-mail as a page: who, to whom, when, what, and what is attached to it. */
import PostalMime, { type Address, type Attachment, type Email } from "postal-mime";
import { DocumentError } from "../document-error.ts";
import { escapeHtml } from "../html.ts";
import type { Markup } from "./markup.ts";

/** Deeper than any mail program nests them. */
const LIMITS = { maxNestingDepth: 50, maxHeadersSize: 1_000_000, maxRfc822NestingDepth: 3 };
/** A mail to the whole company would have a page of them. */
const MAX_ADDRESSES = 30;

/** @throws DocumentError `damaged-file` for what is no message of RFC 5322 */
export async function readMail(bytes: Buffer): Promise<Markup> {
  const mail = await parse(bytes);
  const subject = mail.subject?.trim() || "(no subject)";
  const files = mail.attachments.filter((attachment) => !isShown(attachment, mail.html));
  return {
    title: subject,
    head: `${headOf(mail, subject)}<hr>`,
    html: mail.html ?? textToHtml(mail.text ?? ""),
    foot: files.length === 0 ? "" : `<hr><p><b>Attachments</b></p><ul>${files.map(attached).join("")}</ul>`,
    images: new Map(mail.attachments.flatMap((attachment) => inlineImage(attachment))),
  };
}

async function parse(bytes: Buffer): Promise<Email> {
  try {
    const mail = await PostalMime.parse(bytes, LIMITS);
    if (mail.headers.length > 0) return mail;
  } catch (cause) {
    throw new DocumentError("damaged-file", "postal-mime cannot read the message.", { cause });
  }
  throw new DocumentError("damaged-file", "The message has no headers.");
}

function headOf(mail: Email, subject: string): string {
  // As the sender's program wrote it, in their time zone.
  const date = mail.headers.find(({ key }) => key === "date")?.value ?? mail.date;
  const rows: readonly (readonly [name: string, value: string | undefined])[] = [
    ["From", addresses(mail.from && [mail.from])],
    ["To", addresses(mail.to)],
    ["Cc", addresses(mail.cc)],
    ["Date", date],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? [row(name, value)] : []));
  return `<h2>${escapeHtml(subject)}</h2><table cellpadding="1">${lines.join("")}</table>`;
}

function row(name: string, value: string): string {
  return `<tr><td width="60" valign="top"><font color="#666666">${name}</font></td><td>${escapeHtml(value)}</td></tr>`;
}

function addresses(list: readonly Address[] | undefined): string | undefined {
  const all = (list ?? []).flatMap((each) => (each.group ? each.group : [each]));
  const shown = all.slice(0, MAX_ADDRESSES).map(({ name, address }) => {
    return name && name !== address ? `${name} <${address}>` : address;
  });
  const more = all.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(", ") || undefined;
}

/** Lines as they are, and no shorter. */
function textToHtml(text: string): string {
  const paragraphs = text
    .replaceAll("\r\n", "\n")
    .trim()
    .split(/\n{2,}/);
  return paragraphs.map((paragraph) => `<p>${linesToHtml(paragraph)}</p>`).join("\n");
}

function linesToHtml(lines: string): string {
  return escapeHtml(lines).replaceAll("\n", "<br>").replaceAll("\t", "    ").replaceAll("  ", "&nbsp; ");
}

/** RFC 2392: `cid:` and the Content-ID without its brackets. */
function cidOf({ contentId }: Attachment): string | undefined {
  return contentId && `cid:${contentId.replace(/^<|>$/g, "")}`;
}

function inlineImage(attachment: Attachment): (readonly [string, Uint8Array])[] {
  const [cid, { content, mimeType }] = [cidOf(attachment), attachment];
  if (!cid || typeof content === "string" || !mimeType.startsWith("image/")) return [];
  return [[cid, new Uint8Array(content)]];
}

function isShown(attachment: Attachment, html: string | undefined): boolean {
  const cid = cidOf(attachment);
  return cid !== undefined && attachment.mimeType.startsWith("image/") && (html?.includes(cid) ?? false);
}

function attached({ filename, mimeType, content }: Attachment): string {
  const bytes = typeof content === "string" ? content.length : content.byteLength;
  return `<li>${escapeHtml(filename ?? mimeType)} <font color="#666666">(${sizeOf(bytes)})</font></li>`;
}

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
