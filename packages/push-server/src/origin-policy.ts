/** Which pages may connect. A WebSocket knows no same-origin policy of its own: without this any page could open one. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

export type OriginVerdict = "allowed" | "foreign" | "missing";

/** An exact list of origins (`https://intranet.example`); without one, the origin that the request is addressed to. */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string> | undefined;

  constructor(allowed: readonly string[] | undefined) {
    this.#allowed = allowed && new Set(allowed.map((origin) => new URL(origin).origin));
  }

  /**
   * Browsers send Origin with WebSockets, POST and everything that crosses origins, but not with a same-origin
   * GET: that one says so in Sec-Fetch-Site, or (over plain http) in its Referer.
   */
  judge({ headers }: IncomingMessage): OriginVerdict {
    if (headers.origin !== undefined) return this.#verdict(headers.origin, headers);
    if (headers["sec-fetch-site"] === "same-origin") {
      return this.#allowed ? this.#verdictOfHost(headers.host) : "allowed";
    }
    if (headers.referer === undefined) return "missing";
    return this.#verdict(headers.referer, headers);
  }

  #verdict(url: string, { host = "", "x-forwarded-proto": proxied }: IncomingHttpHeaders): OriginVerdict {
    // A page that came without TLS may be anybody's. No page can add this header to a request of its own.
    if (!this.#allowed && proxied === "https" && !url.startsWith("https:")) return "foreign";
    if (this.#isWrittenAsExpected(url, host)) return "allowed";
    const parsed = URL.parse(url);
    if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return "foreign";
    if (this.#allowed) return this.#allowed.has(parsed.origin) ? "allowed" : "foreign";
    return isHost(parsed, host) ? "allowed" : "foreign";
  }

  /** As nearly every request of every browser has it: nothing needs to be parsed. */
  #isWrittenAsExpected(url: string, host: string): boolean {
    if (this.#allowed) return this.#allowed.has(url);
    return host !== "" && (url === `https://${host}` || url === `http://${host}`);
  }

  /** The scheme cannot be told behind a proxy: one of the allowed origins has to be at this host. */
  #verdictOfHost(host: string | undefined): OriginVerdict {
    const own = [...(this.#allowed ?? [])].some(
      (origin) => host !== undefined && isHost(new URL(origin), host),
    );
    return own ? "allowed" : "foreign";
  }
}

/** Whether a Host header names the host and port of a URL, the scheme's default port written or not. */
function isHost(url: URL, host: string): boolean {
  return URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}
