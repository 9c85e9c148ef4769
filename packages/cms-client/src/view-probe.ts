/** Asks the CMS whether it shows an object to a user: one request, whose status is the answer. */
import type { CmsAdapter } from "./adapter.ts";
import { CmsUnknownError } from "./cms-error.ts";
import { isRedirect, type CmsHttp } from "./cms-http.ts";
import { printableUrl, type CmsUrls } from "./cms-urls.ts";
import type { Credentials } from "./credentials.ts";

export interface ViewProbeOptions {
  /** What is asked, with `{object}` for the object's URL. Default: `{object}`. */
  readonly url?: string;
  /** The URL of an object that is named by UID, with `{site}` and `{uid}`. Default: `{site}/resolveuid/{uid}`. */
  readonly uidUrl?: string;
  /** Default: `GET`. */
  readonly method?: "GET" | "HEAD";
  /** Default: `application/json`. */
  readonly accept?: string;
  /** The media type that a yes must have; "" for any. Default: `application/json`. */
  readonly contentType?: string;
  /** Statuses that mean yes. Default: `[200]`. */
  readonly okStatuses?: readonly number[];
  /** Statuses that mean no. A redirect out of the site means it too. Default: `[401, 403, 404]`. */
  readonly deniedStatuses?: readonly number[];
}

/** `resolveuid`, then a moved object: more than a few redirects are a loop. */
const MAX_REDIRECTS = 4;

export class ViewProbe {
  readonly #http: CmsHttp;
  readonly #urls: CmsUrls;
  readonly #adapter: CmsAdapter;
  readonly #options: Required<ViewProbeOptions>;

  constructor(http: CmsHttp, urls: CmsUrls, adapter: CmsAdapter, options: ViewProbeOptions = {}) {
    this.#http = http;
    this.#urls = urls;
    this.#adapter = adapter;
    this.#options = {
      url: "{object}",
      uidUrl: "{site}/resolveuid/{uid}",
      method: "GET",
      accept: "application/json",
      contentType: "application/json",
      okStatuses: [200],
      deniedStatuses: [401, 403, 404],
      ...options,
    };
  }

  /** @throws CmsUnknownError */
  async mayView(credentials: Credentials, object: string): Promise<boolean> {
    const { method, accept } = this.#options;
    const headers = { accept, ...this.#adapter.headers(credentials) };
    let url = this.#firstUrl(object);
    for (let redirects = 0; url !== undefined && redirects <= MAX_REDIRECTS; redirects += 1) {
      const answer = await this.#http.ask({ url, method, headers });
      if (!isRedirect(answer.status)) return this.#read(answer, url);
      url = answer.location === undefined ? undefined : this.#urls.toInternal(answer.location, url);
    }
    return false; // not the site's, or sent away: to a login page, most likely
  }

  #firstUrl(object: string): URL | undefined {
    const found = this.#urls.toObject(object, this.#options.uidUrl);
    return found === undefined ? undefined : new URL(this.#options.url.replace("{object}", () => found));
  }

  #read(answer: { readonly status: number; readonly mediaType: string }, url: URL): boolean {
    const { okStatuses, deniedStatuses, contentType } = this.#options;
    if (okStatuses.includes(answer.status)) {
      // A login page that answers 200 is no yes.
      return contentType === "" || answer.mediaType === contentType;
    }
    if (deniedStatuses.includes(answer.status)) return false;
    throw new CmsUnknownError(
      `The CMS answered ${printableUrl(url)} with ${answer.status}: whether the object may be seen is unknown. ` +
        "See its own log; the question can be asked again.",
    );
  }
}
