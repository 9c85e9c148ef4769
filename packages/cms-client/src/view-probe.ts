/** Asks the CMS whether it shows an object to a user: a request whose status is the answer. */
import type { CmsAdapter } from "./adapter.ts";
import { CmsUnknownError } from "./cms-error.ts";
import { isRedirect, type CmsAnswerHead, type CmsHttp } from "./cms-http.ts";
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
  /** The media type that a yes must have: a login page that answers 200 is no yes. Default: as `accept`. */
  readonly contentType?: string;
  /** Statuses that mean yes. Default: `[200]`. */
  readonly okStatuses?: readonly number[];
  /** Statuses that mean no. A redirect to a login page, or out of the site, means it too. Default: `[401, 403, 404]`. */
  readonly deniedStatuses?: readonly number[];
}

/** `resolveuid`, then a moved object: more than a few redirects are a loop. */
const MAX_REDIRECTS = 4;

export class ViewProbe {
  readonly #http: CmsHttp;
  readonly #urls: CmsUrls;
  readonly #adapter: CmsAdapter;
  readonly #questions: readonly Required<ViewProbeOptions>[];

  /** @param options one question; default: what the adapter knows to ask. A yes to any of them is a yes. */
  constructor(http: CmsHttp, urls: CmsUrls, adapter: CmsAdapter, options?: ViewProbeOptions) {
    this.#http = http;
    this.#urls = urls;
    this.#adapter = adapter;
    this.#questions = (options === undefined ? adapter.viewQuestions : [options]).map(complete);
  }

  /** @throws CmsUnknownError */
  async mayView(credentials: Credentials, object: string): Promise<boolean> {
    for (const question of this.#questions) {
      if (await this.#ask(credentials, object, question)) return true;
    }
    return false;
  }

  async #ask(
    credentials: Credentials,
    object: string,
    question: Required<ViewProbeOptions>,
  ): Promise<boolean> {
    const headers = { accept: question.accept, ...this.#adapter.headers(credentials) };
    const found = this.#urls.toObject(object, question.uidUrl);
    let url = found === undefined ? undefined : new URL(question.url.replace("{object}", () => found));
    for (let redirects = 0; url !== undefined && redirects <= MAX_REDIRECTS; redirects += 1) {
      const answer = await this.#http.askHead({ url, method: question.method, headers });
      if (!isRedirect(answer.status)) return isYes(answer, question, url);
      const { location = "" } = answer;
      url = this.#urls.isLogin(location, url) ? undefined : this.#urls.toInternal(location, url);
    }
    return false; // not the site's, or sent away
  }
}

function complete(options: ViewProbeOptions): Required<ViewProbeOptions> {
  const { accept = "application/json" } = options;
  return {
    url: "{object}",
    uidUrl: "{site}/resolveuid/{uid}",
    method: "GET",
    accept,
    contentType: accept,
    okStatuses: [200],
    deniedStatuses: [401, 403, 404],
    ...options,
  };
}

function isYes(answer: CmsAnswerHead, question: Required<ViewProbeOptions>, url: URL): boolean {
  if (question.okStatuses.includes(answer.status)) return answer.mediaType === question.contentType;
  if (question.deniedStatuses.includes(answer.status)) return false;
  throw new CmsUnknownError(
    `The CMS answered ${printableUrl(url)} with ${answer.status}: whether the object may be seen is unknown. ` +
      "See its own log; the question can be asked again.",
  );
}
