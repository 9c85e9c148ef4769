/** Which URLs belong to the CMS, and how we reach them: every URL that credentials go to comes from here. */

export interface CmsUrlOptions {
  /** How we reach the CMS's site, such as `http://127.0.0.1:8080/Plone`. */
  readonly baseUrl: string;
  /** How browsers reach the same site. Default: `baseUrl`. */
  readonly publicUrl?: string;
  /** More bases that documents may be fetched from, with the user's cookies. Default: none. */
  readonly documentBases?: readonly string[];
  /**
   * Last path segments of the CMS's login pages: a redirect to one is a refusal. Default: Plone's (`login`,
   * `login_form`, `require_login`, `failsafe_login`, `failsafe_login_form`).
   */
  readonly loginPaths?: readonly string[];
}

const PLONE_LOGIN_PATHS = ["login", "login_form", "require_login", "failsafe_login", "failsafe_login_form"];

export class CmsUrls {
  /** The site as we reach it, without a slash at its end. */
  readonly site: string;
  readonly #siteBase: URL;
  readonly #publicBase: URL;
  readonly #documentBases: readonly URL[];
  readonly #loginPaths: readonly string[];

  /** @throws TypeError for what is no http(s) URL */
  constructor(options: CmsUrlOptions) {
    this.#siteBase = parseBase(options.baseUrl, "baseUrl");
    this.#publicBase = parseBase(options.publicUrl ?? options.baseUrl, "publicUrl");
    this.#documentBases = (options.documentBases ?? []).map((base) => parseBase(base, "documentBases"));
    this.#loginPaths = options.loginPaths ?? PLONE_LOGIN_PATHS;
    this.site = this.#siteBase.href.replace(/\/$/, "");
  }

  /** Where we reach a URL or a percent-encoded path of the site; undefined: it is not the site's. */
  toInternal(url: string, relativeTo?: URL): URL | undefined {
    const parsed = this.#parse(url, relativeTo);
    if (parsed === undefined) return undefined;
    // On one origin the longer base is the more precise one.
    const bases = [this.#publicBase, this.#siteBase].toSorted(
      (one, other) => other.pathname.length - one.pathname.length,
    );
    const base = bases.find((candidate) => isUnder(candidate, parsed));
    if (base === undefined || base === this.#siteBase) return base && parsed;
    return new URL(this.#siteBase.href + parsed.pathname.slice(base.pathname.length) + parsed.search);
  }

  /** The same for documents, which may have further bases. */
  toDocument(url: string, relativeTo?: URL): URL | undefined {
    const internal = this.toInternal(url, relativeTo);
    if (internal !== undefined) return internal;
    const parsed = this.#parse(url, relativeTo);
    return parsed && this.#documentBases.some((base) => isUnder(base, parsed)) ? parsed : undefined;
  }

  /**
   * Where we reach an object of the CMS; undefined: it cannot be one of the site's.
   * @param object a path relative to the site, not percent-encoded, a UID, or a URL
   * @param uidUrl template for UIDs, with `{site}` and `{uid}`
   */
  toObject(object: string, uidUrl: string): string | undefined {
    if (/^https?:\/\//i.test(object)) {
      const url = this.toInternal(object);
      return url === undefined ? undefined : (url.origin + url.pathname).replace(/\/$/, "");
    }
    if (!object.startsWith("/")) {
      if (!/^[\w-]+$/.test(object)) return undefined;
      return uidUrl.replace("{site}", () => this.site).replace("{uid}", () => object);
    }
    const segments = object.split("/").filter((segment) => segment !== "");
    if (segments.some((segment) => segment === "." || segment === ".." || !segment.isWellFormed()))
      return undefined;
    return [this.site, ...segments.map(encodeURIComponent)].join("/");
  }

  /** Whether a redirect leads to a login page, wherever it is. */
  isLogin(location: string, from: URL): boolean {
    const path = URL.parse(location, from.href)?.pathname ?? "";
    const last = path.split("/").findLast((segment) => segment !== "");
    return last !== undefined && this.#loginPaths.includes(last);
  }

  #parse(url: string, relativeTo?: URL): URL | undefined {
    const absolute = relativeTo === undefined && /^\/(?!\/)/.test(url) ? this.site + url : url;
    const parsed = URL.parse(absolute, relativeTo?.href);
    if (parsed === null || !isHttp(parsed) || parsed.username !== "" || parsed.password !== "")
      return undefined;
    parsed.hash = "";
    return climbs(parsed) ? undefined : parsed;
  }
}

/** For errors and logs: a query can hold a ticket (Zope takes `?__ac=`). */
export function printableUrl(url: URL): string {
  return url.origin + url.pathname;
}

function parseBase(base: string, option: string): URL {
  const url = URL.parse(base);
  if (url === null || !isHttp(url) || url.search !== "" || url.username !== "") {
    throw new TypeError(
      `${option} must be an http(s) URL without query and user, not ${JSON.stringify(base)}.`,
    );
  }
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

function isUnder(base: URL, url: URL): boolean {
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  return url.origin === base.origin && path.startsWith(base.pathname);
}

/** `..%2F`: the URL parser leaves it, and Zope, which decodes first, would climb out of the base with it. */
function climbs(url: URL): boolean {
  try {
    return /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(decodeURIComponent(url.pathname));
  } catch {
    return true;
  }
}
