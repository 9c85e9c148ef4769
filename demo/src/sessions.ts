/** Who is asking: a genuine plone.session ticket in the `__ac` cookie, checked on every request. */
import { createHash, timingSafeEqual } from "node:crypto";
import { createTicket, verifyTicket } from "cms-client";
import { parseCookie, stringifySetCookie } from "cookie";
import type { Account, Site } from "./site.ts";

const COOKIE = "__ac";

export interface SessionsOptions {
  readonly site: Site;
  /** Signs the tickets. */
  readonly secret: string;
  /** How long a ticket is valid. plone.session's default is 7200. */
  readonly timeoutSeconds: number;
}

export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** The account that a Cookie header belongs to; undefined for anybody else's and for one whose time is over. */
  accountOf(cookieHeader: string | undefined): Account | undefined {
    const { secret, timeoutSeconds, site } = this.#options;
    // verifyTicket undoes the percent-encoding of the wire itself.
    const wire = parseCookie(cookieHeader ?? "", { decode: (value) => value })[COOKIE];
    const ticket = wire === undefined ? undefined : verifyTicket(wire, { secret, timeoutSeconds });
    return ticket && site.accounts.get(ticket.userId);
  }

  /** The account that a user name and a password belong to, compared in constant time. */
  accountWith(user: string, password: string): Account | undefined {
    const account = this.#options.site.accounts.get(user);
    const same = timingSafeEqual(digest(password), digest(account?.password ?? ""));
    return same && account ? account : undefined;
  }

  /** Set-Cookie of a new session. */
  open(account: Account): string {
    return this.#setCookie(createTicket({ secret: this.#options.secret, userId: account.id }));
  }

  /** Set-Cookie that ends the session in this browser; as plone.session's, the ticket itself stays valid. */
  close(): string {
    return this.#setCookie("", 0);
  }

  #setCookie(value: string, maxAge?: number): string {
    return stringifySetCookie(
      {
        name: COOKIE,
        value,
        path: "/",
        httpOnly: true,
        sameSite: "lax",
        ...(maxAge === undefined ? {} : { maxAge }),
      },
      { encode: (wire) => wire },
    );
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
