/** What an upload still owes after its write: the news of it, and the job for its preview. Neither can lose it. */
import type { JobClient } from "docconv-worker";
import { groupTopic } from "push-protocol";
import type { Logger } from "push-server";
import type { DocumentStore } from "./document-store.ts";
import type { News } from "./news.ts";
import type { Debt, Document, Site } from "./site.ts";
import { documentPath } from "./views/document.ts";
import type { Html } from "./views/html.ts";

export interface DebtsOptions {
  readonly site: Site;
  readonly store: DocumentStore;
  readonly news: News;
  readonly jobs: JobClient;
  /** The address that the worker fetches documents from. */
  readonly baseUrl: string;
  readonly previewOf: (uid: string) => Promise<Html>;
  readonly logger: Logger;
}

export class Debts {
  readonly #options: DebtsOptions;

  constructor(options: DebtsOptions) {
    this.#options = options;
  }

  /**
   * Pays what a document owes, the news first: the card must be on its way before its preview is. What fails stays
   * owed; the document's page says so and offers to try again.
   * @param cookie the Cookie header of the user in whose name the document is fetched
   */
  async settle(document: Document, user: string, cookie: string): Promise<Document> {
    const { site, store, logger } = this.#options;
    const open = new Set(document.owed);
    for (const debt of document.owed) {
      try {
        await this.#pay(debt, document, user, cookie);
        open.delete(debt);
      } catch (error) {
        logger.error(
          { err: error, debt, uid: document.uid },
          "An upload is stored, but what follows it failed.",
        );
      }
    }
    // Others may have opened the document meanwhile: only the debts are ours to change.
    const settled = { ...(site.document(document.uid) ?? document), owed: [...open] };
    site.put(settled);
    await store.save(settled);
    return settled;
  }

  async #pay(debt: Debt, document: Document, user: string, cookie: string): Promise<void> {
    const { news, jobs, baseUrl, previewOf } = this.#options;
    if (debt === "announce") {
      await news.documentAdded(document, await previewOf(document.uid));
      return;
    }
    const url = `${baseUrl}${documentPath(document)}`;
    await jobs.enqueue({
      kind: "docconv",
      user,
      cookie,
      document: {
        uid: document.uid,
        url,
        download: `${url}/@@download/file`,
        name: document.name,
        mediaType: document.mediaType,
      },
      announce: { to: [groupTopic(document.workspace)] },
    });
  }
}
