/** One of a user's credentials as Plone takes it, and whose it says it is. */
import type { Credentials } from "../credentials.ts";
import { parseTicket } from "../plone-ticket.ts";
import { parseJson } from "./json.ts";

/** Volto's cookie holds a JWT, which Plone accepts as a bearer token only. Every other cookie is sent as one. */
export const VOLTO_COOKIE = "auth_token";

export interface PloneCredential {
  readonly headers: Readonly<Record<string, string>>;
  /** Unverified; undefined for a Zope-root user, whose cookie names nobody. */
  readonly userId: string | undefined;
}

/** @param name a cookie that these credentials have */
export function ploneCredential(credentials: Credentials, name: string): PloneCredential {
  const value = credentials.cookie(name) ?? "";
  return name === VOLTO_COOKIE
    ? { headers: { authorization: `Bearer ${value}` }, userId: tokenSubject(value) }
    : { headers: { cookie: `${name}=${value}` }, userId: parseTicket(value)?.userId };
}

/** The user id in a JWT of plone.restapi, unverified; undefined if there is none. RFC 7519, section 4.1.2. */
export function tokenSubject(token: string): string | undefined {
  const claims = parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  if (typeof claims !== "object" || claims === null || !("sub" in claims)) return undefined;
  return typeof claims.sub === "string" && claims.sub !== "" ? claims.sub : undefined;
}
