/** Views of a workspace: its page, and the upload. */
import { memberPage, type Cms, type Views } from "./view.ts";
import { notFound, Refusal } from "./refusal.ts";
import { json, seeOther } from "./reply.ts";
import type { Account, Document, Workspace } from "./site.ts";
import { receiveUpload } from "./upload.ts";
import { documentCard } from "./views/document.ts";
import { html, type HtmlValue } from "./views/html.ts";
import { noticeCard } from "./views/notice.ts";
import { workspaceMain } from "./views/workspace.ts";
import { wantsJson, type MemberVisit } from "./visit.ts";

export const workspaceViews: Views<MemberVisit> = {
  "GET ": async (cms, visit) => {
    const { site } = cms;
    const workspace = workspaceOf(visit);
    if (wantsJson(visit.request))
      return json({ "@id": `/${workspace.id}`, "@type": "Workspace", title: workspace.title });
    const documents = site.documentsOf(workspace.id);
    const main = workspaceMain({
      workspace,
      documents,
      members: [...site.accounts.values()].filter((account) => site.isMember(account, workspace)),
      cards: await Promise.all(
        documents.map(async (document) =>
          documentCard(document, site.accounts.get(document.uploadedBy), await cms.previewOf(document.uid)),
        ),
      ),
      notices: uploadNotice(site.document(visit.url.searchParams.get("uploaded") ?? ""), visit.account),
      maxUploadBytes: cms.maxUploadBytes,
    });
    return memberPage(cms, visit, workspace.title, main);
  },

  "POST @@upload": async (cms, visit) => {
    const workspace = workspaceOf(visit);
    const { account, request } = visit;
    try {
      const document = await receiveUpload(
        request,
        cms.maxUploadBytes,
        async ({ name, mediaType, content }) => {
          const uid = crypto.randomUUID().replaceAll("-", "");
          const bytes = await cms.store.writeFile(uid, content);
          return add(cms, { uid, name, mediaType, bytes, workspace: workspace.id, uploadedBy: account.id });
        },
      );
      await cms.debts.settle(document, account.id, request.headers.cookie ?? "");
      return seeOther(`/${workspace.id}?${new URLSearchParams({ uploaded: document.uid })}`);
    } catch (error) {
      if (error instanceof Refusal) await tellEverywhere(cms, account, error);
      throw error;
    }
  },
};

/** The write of an upload: after it, nothing can lose the document. */
async function add(
  cms: Cms,
  file: Pick<Document, "uid" | "name" | "mediaType" | "bytes" | "workspace" | "uploadedBy">,
): Promise<Document> {
  const uploadedAt = Date.now();
  const document: Document = {
    ...file,
    id: cms.site.freeId(file.workspace, file.name),
    uploadedAt,
    owedVersion: uploadedAt,
    seenBy: [file.uploadedBy],
    owed: ["announce", "preview"],
  };
  cms.site.put(document); // before the save: the id is taken from now on
  try {
    await cms.store.save(document);
  } catch (error) {
    cms.site.remove(document.uid);
    await cms.store.remove(document.uid);
    throw error;
  }
  return document;
}

/** The uploader may look at another tab by now: a refusal is pushed, too. The answer shows the same notice. */
async function tellEverywhere(cms: Cms, account: Account, refusal: Refusal): Promise<void> {
  const notice = { id: refusal.noticeId, tone: "bad", title: refusal.title, text: refusal.message } as const;
  await cms.news.notice(account, notice).catch((error: unknown) => {
    cms.logger.error({ err: error }, "A refusal could not be pushed; the answer shows it.");
  });
}

/** What the uploader reads after the upload; nobody else can make it appear. */
function uploadNotice(document: Document | undefined, account: Account): HtmlValue {
  if (document?.uploadedBy !== account.id) return "";
  const owed = document.owed.map((debt) =>
    debt === "preview"
      ? html` Its preview could not be requested: the conversion service did not answer.`
      : html` The open pages of its readers could not be told.`,
  );
  return noticeCard({
    id: `uploaded-${document.uid}`,
    tone: owed.length === 0 ? "good" : "bad",
    title: `${document.name} is stored.`,
    text:
      owed.length === 0
        ? "Its preview appears below as it is made."
        : html`${owed} Open <a href="/${document.workspace}/${document.id}">the document</a> and press Convert
            again.`,
  });
}

function workspaceOf({ place }: MemberVisit): Workspace {
  if (place.workspace) return place.workspace;
  throw notFound();
}
