/** A user's login cookies as the browser sent them: taken off a request here, shown to nobody but the CMS. */
import { hash } from "node:crypto";
import { parseCookie } from "cookie";

/** plone.session's cookie, and Volto's. */
export const DEFAULT_COOKIE_NAMES: readonly string[] = ["__ac", "auth_token"];

// What can be sent in a header; anything else came from no browser. RFC 9110, section 5.5.
const SENDABLE = /^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/;
const REDACTED = "[credentials]";

/** Values are raw, as on the wire. Printing, logging or serialising it shows none of them. */
export class Credentials {
  // Private, both of them: util.inspect and structuredClone do not see them. A cookie that carries a password
  // could be guessed from its hash.
  readonly #cookies: ReadonlyMap<string, string>;
  readonly #hash: string;

  private constructor(cookies: ReadonlyMap<string, string>) {
    this.#cookies = cookies;
    this.#hash = hash("sha256", this.toCookieHeader(), "hex");
  }

  /**
   * The allowed cookies of a `Cookie` header; undefined if it has none of them. Of several with one name the
   * first counts, as in Zope.
   * @param names default: {@link DEFAULT_COOKIE_NAMES}
   */
  static fromCookieHeader(
    header: string | undefined,
    names: readonly string[] = DEFAULT_COOKIE_NAMES,
  ): Credentials | undefined {
    const sent = parseCookie(header ?? "", { decode: (value) => value });
    const cookies = new Map<string, string>();
    for (const name of names) {
      const value = sent[name];
      if (value !== undefined && SENDABLE.test(value)) cookies.set(name, value);
    }
    return cookies.size > 0 ? new Credentials(cookies) : undefined;
  }

  /** SHA-256 of names and values, hexadecimal: the same for the same cookies, in whatever order they came. */
  get hash(): string {
    return this.#hash;
  }

  /** The names of the cookies, in the order of the allowed names. */
  get names(): readonly string[] {
    return [...this.#cookies.keys()];
  }

  /** The raw value of one cookie. For the CMS alone: keep it out of logs and errors. */
  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  /** For `Cookie:`, and for {@link fromCookieHeader} in another process. Raw values, never re-encoded. */
  toCookieHeader(names: readonly string[] = this.names): string {
    return [...this.#cookies]
      .filter(([name]) => names.includes(name))
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }
}
