/** Notices: what went well or wrong, and what to do. Rendered into the page, and pushed to open ones. */
import { html, type Html, type HtmlValue } from "./html.ts";

export interface Notice {
  /** Element id: the same notice, pushed and rendered, shows once. */
  readonly id: string;
  readonly tone: "good" | "bad";
  readonly title: string;
  readonly text: HtmlValue;
}

export function noticeCard({ id, tone, title, text }: Notice): Html {
  return html`<div class="notice ${tone}" id="${id}">
    <strong>${title}</strong>
    <p>${text}</p>
  </div>`;
}

/** Where notices stand, on every page. */
export function notices(cards: HtmlValue = ""): Html {
  return html`<div id="notices" class="notices" aria-live="polite">${cards}</div>`;
}

/** The whole page of a request that was refused. @param back path of the object that it was about */
export function refusalMain(card: Html, back: string): Html {
  return html`<div class="refusal">
    ${notices(card)}
    <p><a class="button" href="${back}">Back</a></p>
  </div>`;
}
