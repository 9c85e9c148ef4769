/** The previews over HTTP: each read is asked of the CMS with the viewer's own cookie. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type CmsClient, Credentials } from "cms-client";
import { DocconvError } from "./docconv-error.ts";
import { notFound, requireMethod, sendError, sendJson } from "./http-answer.ts";
import type { PageBytes, Previews } from "./previews.ts";
import { renditionMark } from "./snippet.ts";

/** What the API needs. */
export interface PreviewsApiOptions {
  readonly previews: Previews;
  readonly cms: CmsClient;
  /** The cookies that are shown to the CMS. */
  readonly cookieNames: readonly string[];
}

const PATH = /^\/([\w-]{1,128})(?:\/(snippet|thumbnail|pages\/(-?\d{1,6})(?:\/([\w-]{1,64}))?))?$/;
const YEAR_SECONDS = 31_536_000;

/** Answers `/previews/{uid}`, `…/snippet`, `…/thumbnail` and `…/pages/{n}/{scale}`. */
export class PreviewsApi {
  readonly #options: PreviewsApiOptions;

  constructor(options: PreviewsApiOptions) {
    this.#options = options;
  }

  /** @param path below `/previews` */
  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      requireMethod(request, "GET", "HEAD");
      const match = PATH.exec(path);
      const uid = match?.[1];
      if (!match || uid === undefined) throw notFound("There is no such address below the previews.");
      await this.#checkMayView(request, uid, gone.signal);
      const [, , what, page, scale] = match;
      if (what === undefined) sendJson(response, 200, await this.#options.previews.status(uid));
      else if (what === "snippet") sendHtml(response, await this.#options.previews.snippet(uid));
      else if (what === "thumbnail") await this.#page(request, response, uid, 1, "small");
      else await this.#page(request, response, uid, Number(page), scale ?? "normal");
    } catch (error) {
      sendError(response, error);
    }
  }

  /** @throws DocconvError `unauthenticated`, `forbidden`; CmsUnknownError */
  async #checkMayView(request: IncomingMessage, uid: string, signal: AbortSignal): Promise<void> {
    const { cms, cookieNames, previews } = this.#options;
    const credentials = Credentials.fromCookieHeader(request.headers.cookie, cookieNames);
    if (!credentials)
      throw new DocconvError("unauthenticated", "Log in first: the request has no session cookie.");
    const preview = await previews.find(uid);
    if (await cms.mayView(credentials, preview?.record.url ?? uid, signal)) return;
    if (await cms.whoAmI(credentials, signal)) {
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
    if (response.destroyed) {
      found.body.destroy(); // the client left while we looked: a pipeline to it would never end
      return;
    }
    const headers = pageHeaders(request, found, number, scale);
    const unchanged = request.headers["if-none-match"] === headers["etag"];
    if (unchanged || request.method === "HEAD") {
      found.body.destroy();
      response.writeHead(unchanged ? 304 : 200, headers).end();
      return;
    }
    response.writeHead(200, headers);
    await pipeline(found.body, response);
  }
}

/** Kept for a year only under the address that names this content; every other one is asked for again. */
function pageHeaders(
  request: IncomingMessage,
  found: PageBytes,
  number: number,
  scale: string,
): Record<string, string | number> {
  const mark = renditionMark(found.renditionKey);
  const named = new URL(request.url ?? "", "http://host").searchParams.get("v") === mark;
  const exact = named && found.page === number && found.scale === scale;
  return {
    "content-type": found.mediaType,
    "content-length": found.size,
    // Private: the next user of a shared cache may not be allowed to see it.
    "cache-control": exact ? `private, max-age=${YEAR_SECONDS}, immutable` : "private, no-cache",
    etag: `"${mark}-${found.page}-${found.scale}"`,
    "x-content-type-options": "nosniff",
  };
}

function sendHtml(response: ServerResponse, html: string): void {
  const body = Buffer.from(html);
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-length": body.length,
    "cache-control": "private, no-cache",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}
