/** The previews over HTTP: each read is asked of the CMS with the viewer's own cookie. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type CmsClient, type CmsUser, Credentials } from "cms-client";
import { DocconvError } from "./docconv-error.ts";
import { FALLBACK_SVG } from "./fallback-image.ts";
import { notFound, readBody, requireMethod, sendError, sendJson, sendText } from "./http-answer.ts";
import { checkSignedBody, checkSignedRequest } from "./job-signature.ts";
import type { Logger } from "./logger.ts";
import { renderNoPdfPage } from "./no-pdf-page.ts";
import type { PageBytes, Previews } from "./previews.ts";
import { parseRegeneration, type Regenerator } from "./regeneration.ts";
import { renditionMark } from "./snippet.ts";
import { sendStored } from "./stored-answer.ts";
import { MAX_JOB_BYTES } from "./job-schema.ts";
import { MAX_SWEEP_BYTES, parseSweep, type Sweeper } from "./sweep.ts";

/** What the API needs. */
export interface PreviewsApiOptions {
  readonly previews: Previews;
  readonly sweeper: Sweeper;
  readonly regenerator: Regenerator;
  readonly cms: CmsClient;
  /** The cookies that are shown to the CMS. */
  readonly cookieNames: readonly string[];
  /** Signs what changes previews. */
  readonly secret: string;
  readonly logger: Logger;
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
      if (request.method === "POST" && what === "regenerate")
        return await this.#regenerate(request, response, uid);
      if (request.method === "POST" && what === "request-pdf")
        return await this.#requestPdf(request, response, uid);
      requireMethod(request, "GET", "HEAD");
      await this.#checkMayView(request, response, uid);
      return await this.#read(request, response, uid, what);
    } catch (error) {
      return sendError(response, error, this.#options.logger);
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
      case "pdf-not-available":
        return sendText(response, "text/html", renderNoPdfPage(await previews.status(uid)));
      case "text":
        return this.#text(response, uid);
      default:
        throw notFound("There is no such address below the previews.");
    }
  }

  /** @throws DocconvError `unauthenticated`, `forbidden`; CmsUnknownError */
  async #checkMayView(
    request: IncomingMessage,
    response: ServerResponse,
    uid: string,
  ): Promise<{ readonly credentials: Credentials; readonly signal: AbortSignal }> {
    const { cms, cookieNames, previews } = this.#options;
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const credentials = Credentials.fromCookieHeader(request.headers.cookie, cookieNames);
    if (!credentials)
      throw new DocconvError("unauthenticated", "Log in first: the request has no session cookie.");
    const preview = await previews.find(uid);
    const object = preview?.record.url ?? uid;
    if (await cms.mayView(credentials, object, gone.signal)) return { credentials, signal: gone.signal };
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
    const { previews } = this.#options;
    const found = await previews.page(uid, number, scale);
    if (!found) throw notFound("This document has no such page yet, or no preview.");
    const headers = pageHeaders(request, found, number, scale);
    await sendStored(request, response, found, (range) => previews.page(uid, number, scale, range), headers);
  }

  async #pdf(request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> {
    const { previews } = this.#options;
    const preview = await previews.find(uid);
    const found = await previews.pdf(uid);
    if (!found || !preview?.rendition) {
      if (isForPeople(request)) return seeOther(response, "pdf-not-available");
      throw notFound("This document is not there as PDF, or not yet.");
    }
    const name = `${preview.record.name.replace(/\.[^.]*$/, "") || uid}.pdf`;
    await sendStored(request, response, found, (range) => previews.pdf(uid, range), {
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

  async #regenerate(request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> {
    const { secret, regenerator } = this.#options;
    const body = await readBody(request, MAX_JOB_BYTES);
    checkSignedBody(secret, body, request);
    sendJson(response, 202, await regenerator.regenerate(uid, parseRegeneration(body)));
  }

  /** By whoever may view the document, with their own cookie. */
  async #requestPdf(request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> {
    const { cms, regenerator } = this.#options;
    // Other sites' pages do not make a user's browser start conversions.
    if (request.headers["sec-fetch-site"] === "cross-site") {
      throw new DocconvError("forbidden", "Ask for it from a page of this site.");
    }
    const { credentials, signal } = await this.#checkMayView(request, response, uid);
    const user: CmsUser | undefined = await cms.whoAmI(credentials, signal);
    if (!user) throw new DocconvError("unauthenticated", "Log in again: the session has ended.");
    const by = { user: user.id, cookie: credentials.toCookieHeader() };
    const asked = await regenerator.requestPdf(uid, by);
    if (isForPeople(request))
      return seeOther(response, asked.state === "there" ? "pdf" : "pdf-not-available");
    return sendJson(response, asked.state === "there" ? 200 : 202, asked);
  }

  async #sweep(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, MAX_SWEEP_BYTES);
    checkSignedBody(this.#options.secret, body, request);
    sendJson(response, 200, { decisions: await this.#options.sweeper.sweep(parseSweep(body)) });
  }
}

/** A browser that opens an address, and no program. */
function isForPeople(request: IncomingMessage): boolean {
  return (request.headers.accept ?? "").includes("text/html");
}

/** @param to beside the address that was asked for */
function seeOther(response: ServerResponse, to: string): void {
  response.writeHead(303, { location: to, "cache-control": "no-store" }).end();
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
): Record<string, string> & { etag: string } {
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

function sendFallback(request: IncomingMessage, response: ServerResponse): void {
  requireMethod(request, "GET", "HEAD");
  response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
  sendText(response, "image/svg+xml", FALLBACK_SVG);
}
