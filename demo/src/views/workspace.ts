/** A workspace: its documents, the upload form, who belongs to it and what happened lately. */
import type { Account, Document, Workspace } from "../site.ts";
import { activityLine } from "./document.ts";
import { html, type Html, type HtmlValue } from "./html.ts";
import { initials } from "./layout.ts";
import { notices } from "./notice.ts";
import { fileSize } from "./wording.ts";

const LATEST_ACTIVITY = 8;

/** Ids of the lists that pushed cards and lines are put in front of. Each workspace has its own. */
export const documentsId = (workspace: string): string => `documents-${workspace}`;
export const activityId = (workspace: string): string => `activity-${workspace}`;

export interface WorkspaceView {
  readonly workspace: Workspace;
  readonly members: readonly Account[];
  readonly documents: readonly Document[];
  /** Their cards, in the same order. */
  readonly cards: readonly Html[];
  readonly notices: HtmlValue;
  readonly maxUploadBytes: number;
}

export function workspaceMain(view: WorkspaceView): Html {
  const { workspace, members, documents } = view;
  const nameOf = (id: string) => members.find((member) => member.id === id);
  return html`<div class="workspace">
    <header class="head">
      <h1>${workspace.title}</h1>
      <p>${workspace.description}</p>
    </header>
    <section class="desk">
      ${uploadForm(workspace, view.maxUploadBytes)} ${notices(view.notices)}
      <h2>Documents</h2>
      <div id="${documentsId(workspace.id)}" class="documents">${view.cards}</div>
      <p class="empty">
        No document yet. What you or a colleague uploads appears here by itself, page by page.
      </p>
    </section>
    <aside>
      <section>
        <h2>Members</h2>
        <ul class="members">
          ${members.map(
            (member) =>
              html`<li>
                <span class="avatar" data-account="${member.id}" aria-hidden="true">${initials(member)}</span
                >${member.fullName}
              </li>`,
          )}
        </ul>
      </section>
      <section>
        <h2>Activity</h2>
        <ol id="${activityId(workspace.id)}" class="activity" aria-live="polite">
          ${documents
            .slice(0, LATEST_ACTIVITY)
            .map((document) => activityLine(document, nameOf(document.uploadedBy)))}
        </ol>
        <p class="empty">Nothing has happened yet.</p>
      </section>
    </aside>
  </div>`;
}

/** Works without script, too: the answer to the POST is a redirect to the page that has it all. */
function uploadForm(workspace: Workspace, maxBytes: number): Html {
  return html`<form
    id="upload"
    class="upload panel pat-inject"
    method="post"
    enctype="multipart/form-data"
    action="/${workspace.id}/@@upload"
    data-pat-inject="source: #notices; target: #notices && source: #upload-file; target: #upload-file"
  >
    <div id="upload-file">
      <label for="file">A document to share</label>
      <input id="file" type="file" name="file" required aria-describedby="file-hint" />
    </div>
    <button class="primary">Upload</button>
    <p class="hint" id="file-hint">
      PDF, office file or image, up to ${fileSize(maxBytes)}. You can drop it on the field.
    </p>
  </form>`;
}
