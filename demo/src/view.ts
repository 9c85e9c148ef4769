/** What views are, what they work with, and the page they make for a member. */
import type { Logger, Publisher } from "push-server";
import type { Debts } from "./debts.ts";
import type { DocumentStore } from "./document-store.ts";
import type { News } from "./news.ts";
import type { Outages } from "./outages.ts";
import { page, type Reply } from "./reply.ts";
import type { Sessions } from "./sessions.ts";
import type { Account, Site } from "./site.ts";
import type { Html } from "./views/html.ts";
import { layout } from "./views/layout.ts";
import type { MemberVisit, Visit } from "./visit.ts";

/** What views work with. */
export interface Cms {
  readonly site: Site;
  readonly store: DocumentStore;
  readonly sessions: Sessions;
  readonly news: News;
  readonly publisher: Publisher;
  readonly outages: Outages;
  /** Open at the push server now. */
  readonly connections: () => number;
  readonly debts: Debts;
  /** The preview section of a document as it is now, `#preview-<uid>`. */
  readonly previewOf: (uid: string) => Promise<Html>;
  /** Ends the account's push connections, in every browser; those with a session of their own come back. */
  readonly signOutEverywhere: (account: Account) => Promise<void>;
  readonly maxUploadBytes: number;
  readonly logger: Logger;
}

/** A view by method and name, as `GET @@download/file`. */
export type Views<V extends Visit> = Readonly<
  Record<string, ((cms: Cms, visit: V) => Reply | Promise<Reply>) | undefined>
>;

/** A member's page, with the counter as it is now. */
export function memberPage(cms: Cms, visit: MemberVisit, title: string, main: Html, status = 200): Reply {
  const unread = cms.site.unreadOf(visit.account).length;
  return page(layout({ title, main, account: visit.account, unread, renderedAt: visit.time }), status);
}
