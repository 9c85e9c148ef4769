import { userTopic, type Message } from "push-protocol";
import { html, markup, type Html } from "../views/html.ts";
import type { Feature, FeatureVisit } from "./feature.ts";

const TIMES = 5;

/** All of it is replaced, again and again, by one that differs. */
function desk(round: number): Html {
  return markup`
      <p>Replaced ${round} times</p>
      <label>Your note <input name="note" autocomplete="off"></label>
      <label>A longer one <textarea name="longer" rows="3"></textarea></label>
      <details>
        <summary>More</summary>
        <p>Opened, it stays open.</p>
      </details>
      <p id="stamp" data-push-permanent>This paragraph is permanent: it came with the page.</p>`;
}

function messages({ account }: FeatureVisit): Message[] {
  return Array.from({ length: TIMES }, (_, index) => ({
    to: userTopic(account.id),
    html: String(desk(index + 1)),
    target: "#desk",
  }));
}

export const calm: Feature = {
  name: "calm",
  title: "Without disturbing anybody",
  summary: "Type while the form is replaced: focus, caret and text stay.",
  text: html`<p>
      Somebody reads, types, selects, scrolls, listens. An injection keeps the focus, the caret, the
      selection, what was typed and chosen, open <code>&lt;details&gt;</code>, scroll positions and playing
      media. What is the same as before stays the same element, and what is marked
      <code>data-push-permanent</code> is never replaced.
    </p>
    <p>
      Press the button, then type into the form: in two seconds it begins to be replaced under your hands.
    </p>`,
  markup: () => markup`<div id="desk">${desk(0)}
    </div>`,
  actions: [
    {
      name: "replace",
      label: "Replace it five times",
      messages,
      everyMs: 1200,
      afterMs: 2000,
    },
  ],
};
