/**
 * Plone: finds out by itself which question the site answers. The order is that of preference; what is settled
 * is asked first from then on.
 */
import type { CmsAdapter } from "../adapter.ts";
import type { CmsUser } from "../cms-client.ts";
import { CmsUnknownError } from "../cms-error.ts";
import type { CmsHttp } from "../cms-http.ts";
import type { Credentials } from "../credentials.ts";
import { ploneCredential, VOLTO_COOKIE, type PloneCredential } from "./plone-credential.ts";
import { ADDON, MEMBER, RESTAPI, type PloneAnswer, type PloneProbe } from "./plone-probes.ts";

const IN_ORDER_OF_PREFERENCE: readonly PloneProbe[] = [ADDON, RESTAPI, MEMBER];

export class PloneAdapter implements CmsAdapter {
  readonly name = "plone";
  /**
   * plone.restapi's own view of the object; and, where its profile is not installed and it refuses everybody, the
   * cheapest thing that Zope shows to whoever may view an object (OFS.SimpleItem). Checked on Plone 6.2.
   */
  readonly viewQuestions = [
    { url: "{object}?include_items=false" },
    { url: "{object}/title_or_id", accept: "text/plain" },
  ] as const;
  readonly #http: CmsHttp;
  readonly #site: string;
  #settled: PloneProbe | undefined;

  constructor(http: CmsHttp, site: string) {
    this.#http = http;
    this.#site = site;
  }

  /**
   * One credential at a time: the id that a probe asks for comes from the very credential that it sends, so
   * that a forged ticket beside a manager's genuine token names nobody.
   */
  async whoAmI(credentials: Credentials): Promise<CmsUser | undefined> {
    for (const name of credentials.names) {
      const user = await this.#ask(ploneCredential(credentials, name));
      if (user !== undefined) return user;
    }
    return undefined;
  }

  headers(credentials: Credentials): Record<string, string> {
    const token = credentials.cookie(VOLTO_COOKIE);
    const cookie = credentials.toCookieHeader(credentials.names.filter((name) => name !== VOLTO_COOKIE));
    return {
      ...(cookie !== "" && { cookie }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
  }

  async probe(signal?: AbortSignal): Promise<string | undefined> {
    const asNobody = { http: this.#http, site: this.#site, signal };
    if (this.#settled !== undefined) {
      await this.#settled.ask(asNobody); // whether the CMS is there
      return this.#settled.name;
    }
    const addon = await ADDON.ask(asNobody);
    if (addon.kind === "anonymous") return this.#settle(ADDON).name;
    // Only with the REST API's profile does Plone show its front page as JSON to people who are not logged in.
    const headers = { accept: "application/json" };
    const front = await this.#http.ask({ url: new URL(this.#site), method: "GET", headers }, signal);
    return front.status === 200 && front.mediaType === "application/json" ? RESTAPI.name : undefined;
  }

  async #ask(credential: PloneCredential): Promise<CmsUser | undefined> {
    const settled = this.#settled;
    const probes = IN_ORDER_OF_PREFERENCE.slice(settled ? IN_ORDER_OF_PREFERENCE.indexOf(settled) : 0);
    const answers = new Map<PloneProbe, PloneAnswer["kind"]>();
    for (const probe of probes) {
      const answer = await probe.ask({ http: this.#http, site: this.#site, credential });
      answers.set(probe, answer.kind);
      if (answer.kind === "user" || answer.kind === "anonymous") {
        if (isTelling(probe, answer, answers, credential)) this.#settle(probe);
        return answer.kind === "user" ? answer.user : undefined;
      }
      if (answer.kind === "refused" && probe === settled) return undefined;
    }
    if ([...answers.values()].includes("refused")) return undefined;
    throw new CmsUnknownError(
      `Nothing at ${this.#site} says who is logged in: check that the base URL is that of a Plone site.`,
    );
  }

  #settle(probe: PloneProbe): PloneProbe {
    this.#settled = probe;
    return probe;
  }
}

/**
 * Whether an answer settles for everybody which probe the site answers. The last one is answered by every site,
 * without groups: it is settled on only after the REST API refused somebody who is logged in.
 */
function isTelling(
  probe: PloneProbe,
  answer: PloneAnswer,
  answers: ReadonlyMap<PloneProbe, PloneAnswer["kind"]>,
  credential: PloneCredential,
): boolean {
  if (probe === ADDON) return true;
  if (answer.kind !== "user") return false;
  return probe === RESTAPI || (credential.userId !== undefined && answers.get(RESTAPI) === "refused");
}
