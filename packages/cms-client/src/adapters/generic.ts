/** Any CMS that can say over HTTP who a cookie belongs to: an adapter that is configuration only. */
import type { CmsAdapter } from "../adapter.ts";
import type { CmsUser } from "../cms-client.ts";
import { CmsUnknownError } from "../cms-error.ts";
import { isRedirect, type CmsAnswer, type CmsHttp, type CmsRequest } from "../cms-http.ts";
import { printableUrl } from "../cms-urls.ts";
import type { Credentials } from "../credentials.ts";
import { atPointer, checkPointer, parseJson } from "./json.ts";

export interface GenericAdapterOptions {
  readonly kind: "generic";
  /** The question; `{site}` stands for `baseUrl` without a slash at its end. Example: `{site}/api/me`. */
  readonly url: string;
  /** Default: `GET`. */
  readonly method?: "GET" | "POST";
  /** Sent as JSON with `POST`. Default: `{}`. */
  readonly body?: string;
  /** The cookies that are forwarded. Default: all of the credentials. */
  readonly cookies?: readonly string[];
  /**
   * More headers, with `{cookie:NAME}` for a cookie's raw value; a header whose cookie is absent is left out.
   * Example: `{"authorization": "Bearer {cookie:token}"}`. Default: `{"accept": "application/json"}`.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses of an answer that says who it is. Default: `[200]`. */
  readonly okStatuses?: readonly number[];
  /** Statuses that mean: nobody. Every redirect means it too. Default: `[401, 403]`. */
  readonly anonymousStatuses?: readonly number[];
  /** The media type that an answer must have to be believed. Default: `application/json`. */
  readonly contentType?: string;
  /** JSON Pointer to the user's id, a string or number; null, false, "" or absent means: nobody. */
  readonly userId: string;
  /** JSON Pointer to the list of groups. Default: no groups. */
  readonly groups?: string;
  /** JSON Pointer to the id within a group. Default: `""`, the group is its id. */
  readonly groupId?: string;
}

export class GenericAdapter implements CmsAdapter {
  readonly name = "generic";
  readonly viewQuestions = [{}] as const;
  readonly #http: CmsHttp;
  readonly #options: GenericAdapterOptions;
  readonly #url: URL;

  /** @throws TypeError for options that cannot work */
  constructor(http: CmsHttp, site: string, options: GenericAdapterOptions) {
    checkPointer(options.userId, "adapter.userId");
    checkPointer(options.groups ?? "", "adapter.groups");
    checkPointer(options.groupId ?? "", "adapter.groupId");
    this.#http = http;
    this.#options = options;
    this.#url = new URL(options.url.replace("{site}", () => site));
  }

  async whoAmI(credentials: Credentials): Promise<CmsUser | undefined> {
    return this.#read(await this.#http.ask(this.#question(credentials)));
  }

  headers(credentials: Credentials): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const [name, template] of Object.entries(this.#options.headers ?? {})) {
      const value = fillIn(template, credentials);
      if (value !== undefined) headers[name.toLowerCase()] = value;
    }
    const cookie = credentials.toCookieHeader(this.#options.cookies);
    if (cookie !== "") headers["cookie"] = cookie;
    return headers;
  }

  async probe(signal?: AbortSignal): Promise<string> {
    this.#read(await this.#http.ask(this.#question(), signal)); // nobody, most likely; but an answer of that kind
    return `${this.#options.method ?? "GET"} ${printableUrl(this.#url)}`;
  }

  #question(credentials?: Credentials): CmsRequest {
    const { method = "GET", body = "{}" } = this.#options;
    const headers = {
      accept: "application/json",
      ...(method === "POST" && { "content-type": "application/json" }),
      ...(credentials && this.headers(credentials)),
    };
    return { url: this.#url, method, headers, body: method === "POST" ? body : undefined };
  }

  #read(answer: CmsAnswer): CmsUser | undefined {
    const {
      okStatuses = [200],
      anonymousStatuses = [401, 403],
      contentType = "application/json",
    } = this.#options;
    if (anonymousStatuses.includes(answer.status) || isRedirect(answer.status)) return undefined;
    if (!okStatuses.includes(answer.status)) throw this.#unknown(`status ${answer.status}`);
    if (answer.mediaType !== contentType)
      throw this.#unknown(`content type ${answer.mediaType || "missing"}`);
    const document = parseJson(answer.text);
    if (document === undefined) throw this.#unknown("no JSON");
    const id = atPointer(document, this.#options.userId);
    if (id === undefined || id === null || id === false || id === "") return undefined;
    if (typeof id !== "string" && typeof id !== "number") throw this.#unknown("a user id of another type");
    return { id: String(id), groups: this.#groups(document) };
  }

  #groups(document: unknown): readonly string[] {
    const { groups, groupId = "" } = this.#options;
    const list = groups === undefined ? [] : (atPointer(document, groups) ?? []);
    if (!Array.isArray(list)) throw this.#unknown("groups that are no list");
    return list.map((group) => {
      const id = atPointer(group, groupId);
      if (typeof id !== "string" && typeof id !== "number") throw this.#unknown("a group id of another type");
      return String(id);
    });
  }

  #unknown(what: string): CmsUnknownError {
    return new CmsUnknownError(
      `The CMS does not say who it is at ${printableUrl(this.#url)} (${what}): compare with the adapter's settings.`,
    );
  }
}

function fillIn(template: string, credentials: Credentials): string | undefined {
  let complete = true;
  const value = template.replaceAll(/\{cookie:([^}]+)\}/g, (_, name: string) => {
    const cookie = credentials.cookie(name);
    complete &&= cookie !== undefined;
    return cookie ?? "";
  });
  return complete ? value : undefined;
}
