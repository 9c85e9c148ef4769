/** One request to the CMS: who asks for what. Traversal, as in Plone: objects first, then a view of the last one. */
import type { IncomingMessage } from "node:http";
import { notFound, Refusal } from "./refusal.ts";
import type { Account, Document, Site, Workspace } from "./site.ts";

/** What a path leads to: the site, a workspace of it or a document of that, and the view of it that is asked for. */
export interface Place {
  readonly workspace?: Workspace;
  readonly document?: Document;
  /** `""` for the object's own page, else as `@@upload`. */
  readonly view: string;
}

export interface Visit {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly place: Place;
  /** When the visit began, milliseconds since the epoch. What a page shows is not older. */
  readonly time: number;
  readonly account: Account | undefined;
}

/** A visit of somebody who is logged in. */
export type MemberVisit = Visit & { readonly account: Account };

/** Where a path leads for this account. @throws Refusal `not-found`, also for what the account may not see */
export function traverse(site: Site, account: Account, pathname: string): Place {
  const [first, ...others] = segments(pathname);
  if (first === undefined || isView(first)) return { view: viewName(first, others) };
  const document = first === "resolveuid" ? site.document(others.shift() ?? "") : undefined;
  const workspace = site.workspaces.get(document?.workspace ?? first);
  if (!workspace || !site.isMember(account, workspace)) throw notFound();
  if (document) return { workspace, document, view: viewName(others.shift(), others) };
  const [second, ...rest] = others;
  if (second === undefined || isView(second)) return { workspace, view: viewName(second, rest) };
  const child = site.documentAt(workspace.id, second);
  if (!child) throw notFound();
  return { workspace, document: child, view: viewName(rest.shift(), rest) };
}

/** The site's views are the only ones that somebody who is not logged in can ask for. */
export function siteView(pathname: string): Place | undefined {
  const [first, ...others] = segments(pathname);
  return first !== undefined && isView(first) ? { view: viewName(first, others) } : undefined;
}

/** Views have two signs before their names; Plone's oldest go without. */
function isView(segment: string): boolean {
  return segment.startsWith("@@") || segment === "login" || segment === "logout";
}

export function wantsJson(request: IncomingMessage): boolean {
  return request.headers.accept?.startsWith("application/json") ?? false;
}

/**
 * Refuses what another site made a browser send. Browsers name the origin of every POST; who sends none is no
 * browser, and brings no cookie that it was not given. SameSite=Lax on the cookie is the second line.
 */
export function refuseForgery(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  if (request.method === "GET" || request.method === "HEAD" || origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new Refusal(
    "forged-request",
    "This request came from another site",
    "It was not carried out. Open the page here and try again.",
  );
}

function segments(pathname: string): string[] {
  try {
    return pathname
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch {
    throw notFound(); // a broken escape names nothing
  }
}

function viewName(view: string | undefined, rest: readonly string[]): string {
  return [view ?? "", ...rest].join("/");
}
