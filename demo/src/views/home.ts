/** The start page: what is new for this user, and the workspaces. */
import type { Account, Document, Workspace } from "../site.ts";
import { documentPath } from "./document.ts";
import { html, type Html } from "./html.ts";
import { fileKind, moment } from "./wording.ts";

export interface HomeView {
  readonly account: Account;
  readonly unread: readonly Document[];
  readonly workspaces: readonly { readonly workspace: Workspace; readonly documents: number }[];
  readonly nameOf: (accountId: string) => string;
}

export function homeMain({ account, unread, workspaces, nameOf }: HomeView): Html {
  return html`<div class="home">
    <h1>Hello, ${account.fullName.split(" ")[0]}</h1>
    <section>
      <h2>New for you</h2>
      <ul class="news">
        ${unread.map(
          (document) =>
            html`<li>
              <span class="kind" data-kind="${fileKind(document.name)}">${fileKind(document.name)}</span>
              <a href="${documentPath(document)}">${document.name}</a>
              <span class="facts">${nameOf(document.uploadedBy)} · ${moment(document.uploadedAt)}</span>
            </li>`,
        )}
      </ul>
      <p class="empty">You have seen everything.</p>
    </section>
    <section>
      <h2>Your workspaces</h2>
      <ul class="workspaces">
        ${workspaces.map(
          ({ workspace, documents }) =>
            html`<li class="panel">
              <h3><a href="/${workspace.id}">${workspace.title}</a></h3>
              <p>${workspace.description}</p>
              <p class="facts">${documents === 1 ? "1 document" : `${documents} documents`}</p>
            </li>`,
        )}
      </ul>
    </section>
  </div>`;
}
