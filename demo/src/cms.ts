/** The CMS: lets a visit in or refuses it, and finds the view that answers. */
import type { IncomingMessage } from "node:http";
import { documentViews } from "./document-views.ts";
import { notFound, Refusal } from "./refusal.ts";
import { json, page, seeOther, type Reply } from "./reply.ts";
import { memberViews, publicViews } from "./site-views.ts";
import type { Cms, Views } from "./view.ts";
import { layout } from "./views/layout.ts";
import { noticeCard, refusalMain } from "./views/notice.ts";
import { refuseForgery, siteView, traverse, wantsJson, type Visit } from "./visit.ts";
import { workspaceViews } from "./workspace-views.ts";

/** Answers any request: pages, fragments, downloads, and refusals in the form that was asked for. */
export async function answer(cms: Cms, request: IncomingMessage): Promise<Reply> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const account = cms.sessions.accountOf(request.headers.cookie);
  const visit = { request, url, account, time: Date.now() };
  try {
    refuseForgery(request);
    const open = siteView(url.pathname);
    const view = open && find(publicViews, request, open.view);
    if (open && view) return await view(cms, { ...visit, place: open });
    if (!account) throw new Refusal("sign-in", "You are not logged in", "Log in, then open the page again.");
    const place = traverse(cms.site, account, url.pathname);
    const views = place.document ? documentViews : place.workspace ? workspaceViews : memberViews;
    const found = find(views, request, place.view);
    if (!found) throw notFound();
    return await found(cms, { ...visit, account, place });
  } catch (error) {
    return refuse(cms, visit, error);
  }
}

function find<V extends Visit>(views: Views<V>, request: IncomingMessage, name: string) {
  const method = request.method === "HEAD" ? "GET" : request.method;
  return Object.hasOwn(views, `${method} ${name}`) ? views[`${method} ${name}`] : undefined;
}

function refuse(cms: Cms, visit: Omit<Visit, "place">, error: unknown): Reply {
  const { request, url, account, time } = visit;
  const refusal = error instanceof Refusal ? error : internal(cms, request, error);
  if (wantsJson(request))
    return json({ type: refusal.code, message: `${refusal.title}. ${refusal.message}` }, refusal.status);
  if (refusal.code === "sign-in" && request.method === "GET")
    return seeOther(`/login?${new URLSearchParams({ came_from: url.pathname })}`);
  const card = noticeCard({
    id: refusal.noticeId,
    tone: "bad",
    title: refusal.title,
    text: refusal.message,
  });
  const back = request.method === "POST" ? url.pathname.replace(/\/?@@.*/, "") : "";
  const main = refusalMain(card, back || "/");
  const unread = account ? cms.site.unreadOf(account).length : 0;
  return page(layout({ title: refusal.title, main, account, unread, renderedAt: time }), refusal.status);
}

function internal(cms: Cms, request: IncomingMessage, error: unknown): Refusal {
  cms.logger.error({ err: error, method: request.method }, "A request failed.");
  return new Refusal("internal", "Something went wrong here", "Nothing was changed. Try again in a moment.");
}
