/** The questions that a Plone site may answer about who is logged in. */
import type { CmsUser } from "../cms-client.ts";
import { CmsUnknownError } from "../cms-error.ts";
import { isRedirect, type CmsAnswer, type CmsHttp, type CmsRequest } from "../cms-http.ts";
import { printableUrl } from "../cms-urls.ts";
import { atPointer, parseJson } from "./json.ts";
import { tokenSubject, type PloneCredential } from "./plone-credential.ts";

/**
 * `user` and `anonymous` settle it. `refused`: somebody who is not logged in, or a site that answers this to
 * nobody. `absent`: the site does not have this question.
 */
export type PloneAnswer =
  | { readonly kind: "user"; readonly user: CmsUser }
  | { readonly kind: "anonymous" | "refused" | "absent" };

interface PloneQuestion {
  readonly http: CmsHttp;
  readonly site: string;
  /** undefined: asked as nobody. */
  readonly credential?: PloneCredential;
  readonly signal?: AbortSignal | undefined;
}

export interface PloneProbe {
  /** For people: what is asked. */
  readonly name: string;
  /** @throws CmsUnknownError */
  ask(question: PloneQuestion): Promise<PloneAnswer>;
}

/** Our add-on's view: one question, with groups. 200 for everybody, `"userid": null` for nobody. */
export const ADDON: PloneProbe = {
  name: "@@push-whoami (the add-on)",
  async ask(question) {
    const answer = await send(question, "GET", "@@push-whoami");
    const document = readJson(answer);
    if (document === undefined) return { kind: refusal(answer) };
    const id = atPointer(document, "/userid");
    if (id === null) return { kind: "anonymous" };
    return isId(id) ? user(id, atPointer(document, "/groups")) : { kind: "absent" };
  },
};

/**
 * plone.restapi: everybody may read their own `@users/{id}`, groups included. The id is in the ticket or the
 * token; where it is not, `@login-renew` answers with a token that says it, and that we drop.
 */
export const RESTAPI: PloneProbe = {
  name: "@users (plone.restapi)",
  async ask(question) {
    const known = question.credential?.userId;
    if (known !== undefined) {
      const self = await askSelf(question, known);
      if (self.kind !== "absent") return self;
    }
    const answer = await send(question, "POST", "@login-renew");
    const document = readJson(answer);
    if (document === undefined) return { kind: refusal(answer) };
    const token = atPointer(document, "/token");
    const id = typeof token === "string" ? tokenSubject(token) : undefined;
    if (id === undefined) return { kind: "absent" };
    const self = await askSelf(question, id);
    return self.kind === "user" ? self : user(id, []);
  },
};

/** What every Plone answers, as text and without groups. */
export const MEMBER: PloneProbe = {
  name: "portal_membership/getAuthenticatedMember (without groups)",
  async ask(question) {
    // plone.restapi takes whoever accepts JSON for its own, and hides the tool.
    const answer = await send(question, "GET", "portal_membership/getAuthenticatedMember", "text/plain");
    if (answer.status !== 200 || answer.mediaType !== "text/plain") return { kind: refusal(answer) };
    const id = answer.text.trim();
    return id === "" || id === "Anonymous User" ? { kind: "anonymous" } : user(id, []);
  },
};

async function askSelf(question: PloneQuestion, id: string): Promise<PloneAnswer> {
  const answer = await send(question, "GET", `@users/${encodeURIComponent(id)}`);
  const document = readJson(answer);
  if (document === undefined) return { kind: refusal(answer) };
  if (atPointer(document, "/id") !== id) return { kind: "refused" };
  const groups = atPointer(document, "/groups/items");
  return user(id, Array.isArray(groups) ? groups.map((group) => atPointer(group, "/id")) : []);
}

async function send(
  { http, site, credential, signal }: PloneQuestion,
  method: "GET" | "POST",
  path: string,
  accept = "application/json",
): Promise<CmsAnswer> {
  const post = method === "POST";
  const question: CmsRequest = {
    url: new URL(`${site}/${path}`),
    method,
    headers: { accept, ...(post && { "content-type": "application/json" }), ...credential?.headers },
    body: post ? "{}" : undefined,
  };
  const answer = await http.ask(question, signal);
  // 501: a site without the token plugin has no @login-renew.
  if (answer.status === 429 || (answer.status >= 500 && answer.status !== 501)) {
    throw new CmsUnknownError(
      `The CMS answered ${printableUrl(question.url)} with ${answer.status}: it does not say who is logged in. ` +
        "See its own log; the question can be asked again.",
    );
  }
  return answer;
}

function readJson(answer: CmsAnswer): unknown {
  return answer.status === 200 && answer.mediaType === "application/json"
    ? parseJson(answer.text)
    : undefined;
}

function refusal({ status }: CmsAnswer): "refused" | "absent" {
  return status === 401 || status === 403 || isRedirect(status) ? "refused" : "absent";
}

function user(id: string, groups: unknown): PloneAnswer {
  return { kind: "user", user: { id, groups: Array.isArray(groups) ? groups.filter(isId) : [] } };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
