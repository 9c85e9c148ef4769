/** A document: as a card in its workspace's list, as a page, and as a line of the activity list. */
import type { Account, Document, Workspace } from "../site.ts";
import { html, type Html, type HtmlValue } from "./html.ts";
import { notices } from "./notice.ts";
import { fileKind, fileSize, moment } from "./wording.ts";

export function documentPath(document: Document): string {
  return `/${document.workspace}/${encodeURIComponent(document.id)}`;
}

/**
 * The card of a document. It is pushed to all members alike, so nothing in it depends on who looks at it.
 * @param preview the preview section, `#preview-<uid>`
 */
export function documentCard(document: Document, uploader: Account | undefined, preview: Html): Html {
  return html`<article
    class="document"
    id="document-${document.uid}"
    data-push-version="${document.uploadedAt}"
  >
    <header>
      <span class="kind" data-kind="${fileKind(document.name)}">${fileKind(document.name)}</span>
      <h3><a href="${documentPath(document)}">${document.name}</a></h3>
      <p class="facts">
        ${fileSize(document.bytes)} · ${uploader?.fullName ?? document.uploadedBy} ·
        ${moment(document.uploadedAt)}
      </p>
      ${againForm(document)}
    </header>
    ${strip(preview)}
  </article>`;
}

/** The pages scroll sideways in it, and stay where they are while more arrive. */
function strip(preview: Html): Html {
  return html`<div class="strip" tabindex="0" role="group" aria-label="Pages">${preview}</div>`;
}

/** Shown by the style sheet while the preview is failed or owed. */
function againForm(document: Document): Html {
  return html`<form
    class="again pat-inject"
    method="post"
    action="${documentPath(document)}/@@convert"
    data-pat-inject="source: #notices; target: #notices"
  >
    ${owedMark(document)}
    <button>Convert again</button>
  </form>`;
}

/** Says whether the preview is still to be requested. It is pushed on its own: the card around it holds the preview. */
export function owedMark({ uid, owed, owedVersion }: Document): Html {
  const text = owed.includes("preview") ? "Its preview is not requested yet." : "";
  return html`<span class="owed" id="owed-${uid}" data-push-version="${owedVersion}">${text}</span>`;
}

export function documentMain(
  document: Document,
  workspace: Workspace,
  uploader: Account | undefined,
  preview: Html,
  cards: HtmlValue,
): Html {
  return html`<article class="document-page document">
    <nav class="path" aria-label="Path"><a href="/${workspace.id}">${workspace.title}</a></nav>
    <header>
      <span class="kind" data-kind="${fileKind(document.name)}">${fileKind(document.name)}</span>
      <h1>${document.name}</h1>
      <p class="actions">
        <a class="button primary" href="${documentPath(document)}/@@download/file">Download</a>
      </p>
    </header>
    ${notices(cards)}
    <dl class="facts">
      <div>
        <dt>Uploaded by</dt>
        <dd>${uploader?.fullName ?? document.uploadedBy}</dd>
      </div>
      <div>
        <dt>On</dt>
        <dd>${moment(document.uploadedAt)}</dd>
      </div>
      <div>
        <dt>Size</dt>
        <dd>${fileSize(document.bytes)}</dd>
      </div>
    </dl>
    ${againForm(document)} ${preview}
  </article>`;
}

export function activityLine(document: Document, uploader: Account | undefined): Html {
  return html`<li id="activity-${document.uid}" data-push-version="${document.uploadedAt}">
    <strong>${uploader?.fullName ?? document.uploadedBy}</strong> added
    <a href="${documentPath(document)}">${document.name}</a> ${moment(document.uploadedAt)}
  </li>`;
}
