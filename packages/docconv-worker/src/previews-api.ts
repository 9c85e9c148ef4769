/** The previews over HTTP: each read is asked of the CMS with the viewer's own cookie. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type CmsClient, Credentials } from "cms-client";
import { DocconvError } from "./docconv-error.ts";
import { FALLBACK_SVG } from "./fallback-image.ts";
import { notFound, readBody, requireMethod, sendError, sendJson, sendText } from "./http-answer.ts";
import { checkSignedBody, checkSignedRequest } from "./job-signature.ts";
import type { StoredObject } from "./object-store.ts";
import type { PageBytes, Previews } from "./previews.ts";
import { renditionMark } from "./snippet.ts";
import { MAX_SWEEP_BYTES, parseSweep, type Sweeper } from "./sweep.ts";

/** What the API needs. */
export interface PreviewsApiOptions {
  readonly previews: Previews;
  readonly sweeper: Sweeper;
  readonly cms: CmsClient;
  /** The cookies that are shown to the CMS. */
  readonly cookieNames: readonly string[];
  /** Signs what changes previews. */
  readonly secret: string;
}

const UID_PATH = /^\/([\w-]{1,128})(?:\/(.+))?$/;
const PAGE_PATH = /^pages\/(-?\d{1,6})(?:\/([\w-]{1,64}))?$/;
/** Plone Intranet's views, and the scale of each. */
const OLD_VIEWS: Readonly<Record<string, string>> = {
  "docconv_image_preview.jpg": "normal",
  "docconv_image_thumb.jpg": "small",
};
const YEAR_SECONDS = 31_536_000;

/** Answers everything below `/previews`. */
export class PreviewsApi {
  readonly #options: PreviewsApiOptions;

  constructor(options: PreviewsApiOptions) {
    this.#options = options;
  }

  /** @param path below `/previews` */
  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    try {
      if (path === "/fallback.svg") return sendFallback(request, response);
      if (path === "/sweep" && request.method === "POST") return await this.#sweep(request, response);
      const [, uid, what = ""] = UID_PATH.exec(path) ?? [];
      if (uid === undefined) throw notFound("There is no such address below the previews.");
      if (request.method === "DELETE" && what === "") return await this.#purge(request, response, uid);
      requireMethod(request, "GET", "HEAD");
      await this.#checkMayView(request, response, uid);
      return await this.#read(request, response, uid, what);
    } catch (error) {
      return sendError(response, error);
    }
  }

  async #read(request: IncomingMessage, response: ServerResponse, uid: string, what: string): Promise<void> {
    const { previews } = this.#options;
    const page = PAGE_PATH.exec(what);
    if (page) return this.#page(request, response, uid, Number(page[1]), page[2] ?? "normal");
    const oldScale = OLD_VIEWS[what];
    if (oldScale) return this.#page(request, response, uid, pageAsked(request), oldScale);
    switch (what) {
      case "":
        return sendJson(response, 200, await previews.status(uid));
      case "snippet":
        return sendText(response, "text/html", await previews.snippet(uid));
      case "thumbnail":
        if (!(await previews.hasPreviews(uid))) return sendFallback(request, response);
        return this.#page(request, response, uid, 1, "small");
      case "pdf":
        return this.#pdf(request, response, uid);
      case "text":
        return this.#text(response, uid);
      default:
        throw notFound("There is no such address below the previews.");
    }
  }

  /** @throws DocconvError `unauthenticated`, `forbidden`; CmsUnknownError */
  async #checkMayView(request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> {
    const { cms, cookieNames, previews } = this.#options;
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const credentials = Credentials.fromCookieHeader(request.headers.cookie, cookieNames);
    if (!credentials)
      throw new DocconvError("unauthenticated", "Log in first: the request has no session cookie.");
    const preview = await previews.find(uid);
    if (await cms.mayView(credentials, preview?.record.url ?? uid, gone.signal)) return;
    if (await cms.whoAmI(credentials, gone.signal)) {
      throw new DocconvError("forbidden", "You may not view this document, so neither its preview.");
    }
    throw new DocconvError("unauthenticated", "Log in again: the session has ended.");
  }

  async #page(
    request: IncomingMessage,
    response: ServerResponse,
    uid: string,
    number: number,
    scale: string,
  ): Promise<void> {
    const found = await this.#options.previews.page(uid, number, scale);
    if (!found) throw notFound("This document has no such page yet, or no preview.");
    await sendStored(request, response, found, pageHeaders(request, found, number, scale));
  }

  async #pdf(request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> {
    const { previews } = this.#options;
    const preview = await previews.find(uid);
    const found = await previews.pdf(uid);
    if (!found || !preview?.rendition) throw notFound("This document is not there as PDF, or not yet.");
    const name = `${preview.record.name.replace(/\.[^.]*$/, "") || uid}.pdf`;
    await sendStored(request, response, found, {
      "content-type": "application/pdf",
      "content-disposition": `inline; filename*=UTF-8''${encodeURIComponent(name)}`,
      "cache-control": "private, no-cache",
      etag: `"${renditionMark(preview.rendition.key)}-pdf"`,
    });
  }

  async #text(response: ServerResponse, uid: string): Promise<void> {
    const pages = await this.#options.previews.text(uid);
    if (!pages) throw notFound("The text of this document is not known, or not yet.");
    // A form feed between two pages, as pdftotext does it.
    sendText(response, "text/plain", pages.join("\f"));
  }

  async #purge(request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> {
    checkSignedRequest(this.#options.secret, request);
    await this.#options.previews.purge(uid);
    response.writeHead(204).end();
  }

  async #sweep(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, MAX_SWEEP_BYTES);
    checkSignedBody(this.#options.secret, body, request);
    sendJson(response, 200, { decisions: await this.#options.sweeper.sweep(parseSweep(body)) });
  }
}

function pageAsked(request: IncomingMessage): number {
  return Number(new URL(request.url ?? "", "http://host").searchParams.get("page") ?? 1) || 1;
}

/** Kept for a year only under the address that names this content; every other one is asked for again. */
function pageHeaders(
  request: IncomingMessage,
  found: PageBytes,
  number: number,
  scale: string,
): Record<string, string> {
  const mark = renditionMark(found.renditionKey);
  const named = new URL(request.url ?? "", "http://host").searchParams.get("v") === mark;
  const exact = named && found.page === number && found.scale === scale;
  return {
    "content-type": found.mediaType,
    // Private: the next user of a shared cache may not be allowed to see it.
    "cache-control": exact ? `private, max-age=${YEAR_SECONDS}, immutable` : "private, no-cache",
    etag: `"${mark}-${found.page}-${found.scale}"`,
  };
}

/** Answers with bytes, or that they have not changed. */
async function sendStored(
  request: IncomingMessage,
  response: ServerResponse,
  { size, body }: StoredObject,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  // A client that has left while we looked: a pipeline to it would never end.
  if (response.destroyed) return void body.destroy();
  const unchanged = request.headers["if-none-match"] === headers["etag"];
  const common = { ...headers, "x-content-type-options": "nosniff" };
  if (unchanged || request.method === "HEAD") {
    body.destroy();
    response
      .writeHead(unchanged ? 304 : 200, unchanged ? common : { ...common, "content-length": size })
      .end();
    return undefined;
  }
  response.writeHead(200, { ...common, "content-length": size });
  return pipeline(body, response);
}

function sendFallback(request: IncomingMessage, response: ServerResponse): void {
  requireMethod(request, "GET", "HEAD");
  response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
  sendText(response, "image/svg+xml", FALLBACK_SVG);
}
