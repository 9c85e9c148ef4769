/** Fetches a document as a user; their cookies go to allowed bases only, and a login page is no document. */
import type { IncomingMessage } from "node:http";
import type { CmsAdapter } from "./adapter.ts";
import type { FetchDocumentOptions, FetchedDocument } from "./cms-client.ts";
import {
  CmsUnknownError,
  DocumentNotFoundError,
  NotVisibleError,
  SessionExpiredError,
  UnexpectedAnswerError,
  UrlNotAllowedError,
} from "./cms-error.ts";
import { discard, header, isRedirect, mediaType, status, type CmsHttp } from "./cms-http.ts";
import { printableUrl, type CmsUrls } from "./cms-urls.ts";
import { baseName, dispositionFileName } from "./content-disposition.ts";
import type { Credentials } from "./credentials.ts";
import { readDocument } from "./document-body.ts";

const MAX_REDIRECTS = 5;

export interface DocumentFetcherOptions {
  readonly http: CmsHttp;
  readonly urls: CmsUrls;
  readonly adapter: CmsAdapter;
  /** Whether the CMS knows, now, who these credentials belong to. */
  readonly isSomebody: (credentials: Credentials, signal?: AbortSignal) => Promise<boolean>;
}

export class DocumentFetcher {
  readonly #http: CmsHttp;
  readonly #urls: CmsUrls;
  readonly #adapter: CmsAdapter;
  readonly #isSomebody: (credentials: Credentials, signal?: AbortSignal) => Promise<boolean>;

  constructor(options: DocumentFetcherOptions) {
    this.#http = options.http;
    this.#urls = options.urls;
    this.#adapter = options.adapter;
    this.#isSomebody = options.isSomebody;
  }

  /** Plone asks for a login too where it knows the user and refuses the document: who it is tells which. */
  async fetch(
    credentials: Credentials,
    url: string,
    options: FetchDocumentOptions,
  ): Promise<FetchedDocument> {
    const target = this.#urls.toDocument(url);
    if (target === undefined) throw notAllowed("This document's URL", url);
    try {
      return await this.#fetch(credentials, target, options);
    } catch (error) {
      if (!(error instanceof SessionExpiredError) || !(await this.#isSomebody(credentials, options.signal)))
        throw error;
      throw new NotVisibleError(
        `The CMS does not show ${printableUrl(target)} to this user, though their session is good.`,
        { cause: error },
      );
    }
  }

  async #fetch(credentials: Credentials, url: URL, options: FetchDocumentOptions): Promise<FetchedDocument> {
    let target = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.#open(credentials, target, options.signal);
      if (!isRedirect(status(response))) return this.#accept(response, target, options);
      discard(response);
      target = this.#follow(response, target);
    }
    throw new UnexpectedAnswerError(
      `The CMS redirected more than ${MAX_REDIRECTS} times, last to ${printableUrl(target)}: it is a loop.`,
    );
  }

  #open(credentials: Credentials, url: URL, signal?: AbortSignal): Promise<IncomingMessage> {
    const headers = {
      accept: "*/*",
      "accept-encoding": "identity",
      ...this.#adapter.headers(credentials),
    };
    return this.#http.open({ url, method: "GET", headers }, signal);
  }

  #follow(response: IncomingMessage, from: URL): URL {
    const location = header(response, "location") ?? "";
    if (this.#urls.isLogin(location, from)) throw expired(from);
    const target = this.#urls.toDocument(location, from);
    if (target === undefined) throw notAllowed(`What ${printableUrl(from)} redirects to`, location);
    return target;
  }

  async #accept(
    response: IncomingMessage,
    url: URL,
    { maxBytes, signal }: FetchDocumentOptions,
  ): Promise<FetchedDocument> {
    const error = refusal(status(response), url);
    if (error !== undefined) {
      discard(response);
      throw error;
    }
    const disposition = header(response, "content-disposition");
    const name = dispositionFileName(disposition) ?? nameInUrl(url) ?? "document";
    const type = mediaType(response);
    const body = await readDocument(response, {
      url,
      maxBytes,
      mayBeLogin: disposition === undefined,
      signal,
    });
    return { name, mediaType: type === "" ? "application/octet-stream" : type, body };
  }
}

function refusal(answered: number, url: URL): Error | undefined {
  const where = printableUrl(url);
  if (answered === 200 || answered === 203 || answered === 204) return undefined;
  if (answered === 401) return expired(url);
  if (answered === 403) return new NotVisibleError(`The CMS does not show ${where} to this user.`);
  if (answered === 404) {
    return new DocumentNotFoundError(`The CMS has nothing at ${where}: moved, deleted, or not yet there.`);
  }
  if (answered === 408 || answered === 425 || answered === 429 || answered >= 500) {
    return new CmsUnknownError(
      `The CMS answered ${where} with ${answered}. See its own log; it can be asked again.`,
    );
  }
  return new UnexpectedAnswerError(`The CMS answered ${where} with ${answered}, which is no document.`);
}

function expired(url: URL): SessionExpiredError {
  return new SessionExpiredError(
    `The CMS asks for a login at ${printableUrl(url)}: the session is over. Log in and save the document again.`,
  );
}

function notAllowed(what: string, url: string): UrlNotAllowedError {
  const parsed = URL.parse(url);
  return new UrlNotAllowedError(
    `${what} (${parsed === null ? "no absolute URL" : printableUrl(parsed)}) is outside the bases that cookies are sent to. ` +
      "Correct it, or add its base to the document bases if it is the CMS's.",
  );
}

function nameInUrl(url: URL): string | undefined {
  const last = url.pathname.split("/").findLast((segment) => segment !== "" && !segment.startsWith("@@"));
  try {
    return baseName(decodeURIComponent(last ?? ""));
  } catch {
    return baseName(last);
  }
}
