/** What an upload still owes after its write: the news of it, and the job for its preview. Neither can lose it. */
import type { JobClient } from "docconv-worker";
import { groupTopic } from "push-protocol";
import type { Logger } from "push-server";
import type { DocumentStore } from "./document-store.ts";
import type { News } from "./news.ts";
import type { Debt, Document, Site } from "./site.ts";
import { documentPath } from "./views/document.ts";
import type { Html } from "./views/html.ts";

/** A new card says that its preview is on its way: it is announced just before the preview is requested. */
const ANNOUNCED_AS_OWING: readonly Debt[] = [];

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
   * owed; the document's card and page say so and offer to try again.
   * @param cookie the Cookie header of the user in whose name the document is fetched
   */
  async settle(document: Document, user: string, cookie: string): Promise<void> {
    const { site, store, news } = this.#options;
    const owed: Debt[] = [];
    for (const debt of document.owed)
      if (!(await this.#tried(document, debt, () => this.#pay(debt, document, user, cookie))))
        owed.push(debt);

    // Others may have opened the document meanwhile: only the debts are ours to change.
    const known = site.document(document.uid) ?? document;
    const settled = { ...known, owed, owedVersion: Math.max(Date.now(), known.owedVersion + 1) };
    site.put(settled);
    await store.save(settled);
    const shown = document.owed.includes("announce") ? ANNOUNCED_AS_OWING : known.owed;
    if (!owed.includes("announce") && shown.includes("preview") !== owed.includes("preview"))
      await this.#tried(settled, "announce", () => news.owedChanged(settled));
  }

  /** A failure is logged, and is no reason to lose the upload. */
  async #tried(document: Document, debt: Debt, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const fields = { err: error, debt, uid: document.uid };
      this.#options.logger.error(fields, "A document is stored, but what follows it failed.");
      return false;
    }
  }

  async #pay(debt: Debt, document: Document, user: string, cookie: string): Promise<void> {
    const { news, jobs, baseUrl, previewOf } = this.#options;
    if (debt === "announce") {
      await news.documentAdded({ ...document, owed: ANNOUNCED_AS_OWING }, await previewOf(document.uid));
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
