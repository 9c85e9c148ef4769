/** What the CMS itself publishes: a document is there, a counter has changed, an upload was refused. */
import { groupTopic, userTopic, type Message, type Topic } from "push-protocol";
import type { Publisher } from "push-server";
import type { Account, Document, Site } from "./site.ts";
import { activityLine, documentCard, owedMark } from "./views/document.ts";
import type { Html } from "./views/html.ts";
import { noticeCard, type Notice } from "./views/notice.ts";
import { activityId, documentsId } from "./views/workspace.ts";

export class News {
  readonly #publisher: Publisher;
  readonly #site: Site;

  constructor(publisher: Publisher, site: Site) {
    this.#publisher = publisher;
    this.#site = site;
  }

  /** The document's card and an activity line for all members, and their counters. Repeating it changes nothing. */
  async documentAdded(document: Document, preview: Html): Promise<void> {
    const { uid, workspace, uploadedAt: version } = document;
    const to = groupTopic(workspace);
    const uploader = this.#site.accounts.get(document.uploadedBy);
    for (const [name, card, list] of [
      ["document", documentCard(document, uploader, preview), documentsId(workspace)],
      ["activity", activityLine(document, uploader), activityId(workspace)],
    ] as const)
      await this.#publisher.publish({
        to,
        id: `${name}-${uid}`,
        kind: "notification",
        key: `#${name}-${uid}`,
        version,
        html: String(card),
        target: `#${list}::before`,
      });
    await this.#publisher.publish(unreadChanged(to));
  }

  /** Whether the preview is still to be requested. */
  async owedChanged(document: Document): Promise<void> {
    const { uid, workspace, owedVersion: version } = document;
    await this.#publisher.publish({
      to: groupTopic(workspace),
      kind: "notification",
      key: `#owed-${uid}`,
      version,
      html: String(owedMark(document)),
      target: `#owed-${uid}::element`,
    });
  }

  /** The counter in the account's other tabs. */
  async documentSeen(account: Account): Promise<void> {
    await this.#publisher.publish(unreadChanged(userTopic(account.id)));
  }

  /** A notice in every tab of one account that shows a workspace. */
  async notice(account: Account, notice: Notice): Promise<void> {
    await this.#publisher.publish({
      to: userTopic(account.id),
      id: notice.id,
      kind: notice.tone === "bad" ? "failed" : "notification",
      html: String(noticeCard(notice)),
      target: ".workspace #notices::after",
    });
  }
}

/** Content by URL: each page fetches the counter of its own user. Only the latest of these messages matters. */
function unreadChanged(to: Topic): Message {
  return {
    to,
    kind: "notification",
    key: `unread:${to}`,
    url: "/@@unread",
    source: "#unread::element",
    target: "#unread::element",
  };
}
