import { userTopic, type Message } from "push-protocol";
import { html, markup, type Html } from "../views/html.ts";
import type { Feature, FeatureVisit } from "./feature.ts";

const CONTAINERS = 12;

function loading(done: number): Html {
  return markup`
      <label for="loading-bar">${done} of ${CONTAINERS} containers</label>
      <progress id="loading-bar" max="${CONTAINERS}" value="${done}"></progress>`;
}

function messages({ account, run }: FeatureVisit): Message[] {
  return Array.from({ length: CONTAINERS }, (_, index) => ({
    to: userTopic(account.id),
    kind: index + 1 === CONTAINERS ? "done" : "progress",
    key: `loading-${run}`,
    version: index + 1,
    html: String(loading(index + 1)),
    target: "#loading",
  }));
}

export const progress: Feature = {
  name: "progress",
  title: "Progress that moves on",
  summary: "A progress bar follows what is pushed, without beginning anew with each message.",
  text: html`<p>
    A <code>&lt;progress&gt;</code> or <code>&lt;meter&gt;</code> that comes again with its id stays the same
    element and takes the new value: style sheets can let it glide, and screen readers hear one bar, not
    twelve. Each message is the whole state: a page that missed some of them is right with the next.
  </p>`,
  markup: () => markup`<div id="loading">${loading(0)}
    </div>`,
  actions: [{ name: "load", label: "Load the ship", messages, everyMs: 300 }],
};
