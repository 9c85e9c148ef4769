/** What the CMS answers: a value that the web server writes out, so that views are functions. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Html } from "./views/html.ts";

export interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string | Readable;
}

// No script but the bundle, no style but the style sheet, nothing from elsewhere; previews' placeholders are data.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A page that belongs to one user: never cached. */
export function page(html: Html, status = 200): Reply {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "referrer-policy": "same-origin",
      "cache-control": "no-store",
      vary: "accept, cookie",
    },
    body: `<!doctype html>\n${String(html)}`,
  };
}

/** A fragment for injection; the same rules as for a page. */
export function fragment(html: Html): Reply {
  return { ...page(html), body: String(html) };
}

export function json(value: unknown, status = 200): Reply {
  return {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      vary: "accept, cookie",
    },
    body: JSON.stringify(value),
  };
}

/** After a POST, the page to look at. */
export function seeOther(location: string, headers: OutgoingHttpHeaders = {}): Reply {
  return { status: 303, headers: { location, "cache-control": "no-store", ...headers } };
}

/** Writes a reply out. A client that went away is no error; what it still sends is not listened to. */
export async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  request.resume();
  const { status, headers, body } = reply;
  if (response.destroyed) {
    if (body instanceof Readable) body.destroy(); // a pipeline to it would never end
    return;
  }
  response.writeHead(status, { "x-content-type-options": "nosniff", ...headers });
  if (body instanceof Readable) await pipeline(body, response).catch(() => response.destroy());
  else response.end(body);
}
