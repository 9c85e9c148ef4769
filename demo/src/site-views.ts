/** Views of the site itself: who am I, log in, log out, the start page, the unread counter. */
import { memberPage, type Views } from "./view.ts";
import { featureViews } from "./feature-views.ts";
import { readForm } from "./forms.ts";
import { fragment, json, page, seeOther, type Reply } from "./reply.ts";
import { homeMain } from "./views/home.ts";
import { layout } from "./views/layout.ts";
import { loginMain } from "./views/login.ts";
import { noticeCard } from "./views/notice.ts";
import { unreadLink } from "./views/unread.ts";
import { wantsJson, type MemberVisit, type Visit } from "./visit.ts";

/** For everybody, logged in or not. */
export const publicViews: Views<Visit> = {
  // What the Plone add-on answers, too; the push server and the worker ask it with a user's cookie.
  "GET @@push-whoami": (cms, { account }) =>
    json(
      account
        ? { userid: account.id, groups: cms.site.workspacesOf(account).map(({ id }) => id) }
        : { userid: null },
    ),

  "GET login": (_cms, { url, time }) => loginPage(url.searchParams.get("came_from") ?? "/", time),

  "POST login": async (cms, { request, time }) => {
    const form = await readForm(request);
    const cameFrom = localPath(form.get("came_from"));
    const user = form.get("user")?.trim() ?? "";
    const account = cms.sessions.accountWith(user, form.get("password") ?? "");
    if (account) return seeOther(cameFrom, { "set-cookie": cms.sessions.open(account) });
    const card = noticeCard({
      id: "login-failed",
      tone: "bad",
      title: "That did not work",
      text: "The user name or the password is wrong. Look in the terminal in which the demo was started.",
    });
    return page(layout({ title: "Log in", main: loginMain(cameFrom, card, user), renderedAt: time }), 401);
  },

  "POST logout": async (cms, { account }) => {
    if (account)
      await cms.signOutEverywhere(account).catch((error: unknown) => {
        cms.logger.warn({ err: error }, "Open pages of somebody who logged out stay connected for a while.");
      });
    return seeOther("/login", { "set-cookie": cms.sessions.close() });
  },
};

/** For whoever is logged in. */
export const memberViews: Views<MemberVisit> = {
  ...featureViews,

  "GET ": (cms, visit) => {
    const { site } = cms;
    if (wantsJson(visit.request)) return json({ "@id": "/", "@type": "Site", title: "Northquay" });
    const workspaces = site
      .workspacesOf(visit.account)
      .map((workspace) => ({ workspace, documents: site.documentsOf(workspace.id).length }));
    const main = homeMain({
      account: visit.account,
      unread: site.unreadOf(visit.account),
      workspaces,
      nameOf: (id) => site.accounts.get(id)?.fullName ?? id,
    });
    return memberPage(cms, visit, "Start", main);
  },

  "GET @@unread": (cms, { account }) => fragment(unreadLink(cms.site.unreadOf(account).length)),
};

function loginPage(cameFrom: string, time: number): Reply {
  return page(layout({ title: "Log in", main: loginMain(localPath(cameFrom)), renderedAt: time }));
}

/** A path of this site; everything else becomes the start page. */
function localPath(path: string | null): string {
  return path !== null && /^\/(?![/\\])/.test(path) ? path : "/";
}
