/** Views of a document: its page, its file, and the request to convert it again. */
import { memberPage, type Cms, type Views } from "./view.ts";
import { notFound } from "./refusal.ts";
import { json, seeOther } from "./reply.ts";
import type { Account, Document, Workspace } from "./site.ts";
import { documentMain, documentPath } from "./views/document.ts";
import { html, type HtmlValue } from "./views/html.ts";
import { noticeCard } from "./views/notice.ts";
import { wantsJson, type MemberVisit } from "./visit.ts";

export const documentViews: Views<MemberVisit> = {
  "GET ": async (cms, visit) => {
    const { document, workspace } = placeOf(visit);
    if (wantsJson(visit.request))
      return json({
        "@id": documentPath(document),
        "@type": "File",
        UID: document.uid,
        title: document.name,
      });
    await markSeen(cms, document, visit.account);
    const uploader = cms.site.accounts.get(document.uploadedBy);
    const cards = againNotice(document, visit.url.searchParams.has("again"));
    const main = documentMain(document, workspace, uploader, await cms.previewOf(document.uid), cards);
    return memberPage(cms, visit, document.name, main);
  },

  "GET @@download/file": (cms, visit) => {
    const { document } = placeOf(visit);
    return {
      status: 200,
      headers: {
        // Never shown in place: an uploaded page must not run as a page of this site.
        "content-type": document.mediaType,
        "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(document.name)}`,
        "content-security-policy": "sandbox; default-src 'none'",
        "content-length": document.bytes,
        "cache-control": "private, no-cache",
      },
      body: cms.store.readFile(document.uid),
    };
  },

  "POST @@convert": async (cms, visit) => {
    const { document } = placeOf(visit);

    const owed = [...new Set([...document.owed, "preview"] as const)];
    await cms.debts.settle({ ...document, owed }, visit.account.id, visit.request.headers.cookie ?? "");
    return seeOther(`${documentPath(document)}?again`);
  },
};

async function markSeen(cms: Cms, document: Document, account: Account): Promise<void> {
  if (document.seenBy.includes(account.id)) return;
  const seen = { ...document, seenBy: [...document.seenBy, account.id] };
  cms.site.put(seen);
  await cms.store.save(seen);
  await cms.news.documentSeen(account).catch((error: unknown) => {
    cms.logger.warn({ err: error }, "Other tabs keep their unread counter until they are opened again.");
  });
}

function againNotice(document: Document, asked: boolean): HtmlValue {
  if (!asked) return "";
  const owed = document.owed.length > 0;
  return noticeCard({
    id: `again-${document.uid}`,
    tone: owed ? "bad" : "good",
    title: owed ? "The conversion service does not answer" : "The conversion is requested",
    text: owed
      ? html`${document.name} itself is safe. Try again in a moment.`
      : "The preview appears as it is made.",
  });
}

function placeOf({ place }: MemberVisit): { readonly document: Document; readonly workspace: Workspace } {
  if (place.document && place.workspace) return { document: place.document, workspace: place.workspace };
  throw notFound();
}
