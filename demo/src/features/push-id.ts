import { userTopic } from "push-protocol";
import { fragment } from "../reply.ts";
import { html, markup, type Html } from "../views/html.ts";
import { featurePath, type Feature } from "./feature.ts";

const NAME = "push-id";
const NOW = featurePath({ name: NAME }, "now");
const LINE = featurePath({ name: NAME }, "line");

/** As it is at the quay just now. */
function gauge(tag: "span" | "li"): Html {
  const now = new Date();
  const metres = (2 + Math.sin(now.getTime() / 5000)).toFixed(2);
  const text = html`${metres} m at ${now.toLocaleTimeString("en-GB")}`;
  return tag === "li" ? html`<li class="gauge">${text}</li>` : html`<span class="gauge">${text}</span>`;
}

export const pushId: Feature = {
  name: NAME,
  title: "Fetched when its push-id is called",
  summary: "A message carries nothing but a push-id; each page fetches what it shows, as its own user.",
  text: html`<p>
      A message with a <code>marker</code> calls a push-id. Elements that wait for it fetch their URL: what
      each user may see is decided by the CMS, as for any other request.
    </p>
    <p>
      <code>.pat-push</code> is Patternslib's own markup, unchanged: it replaces its content, appends to it,
      or, on a form, submits it. Its third mode has <a href="/@@features/desktop">a page of its own</a>.
      <code>.pat-inject-async</code> takes pat-inject's options.
    </p>`,
  markup: () => markup`
    <p>
      Now:
      <b id="tide-now" class="pat-push"
         data-pat-push="push-id: tide; url: ${NOW}"
      >not measured yet</b>
    </p>
    <p>
      Part of it:
      <b class="pat-inject-async"
         data-pat-inject-async="push-id: tide; url: ${NOW};
                                source: .gauge; target: self"
      >not measured yet</b>
    </p>
    <ol id="tide-log" class="pat-push"
        data-pat-push="push-id: tide; mode: append; url: ${LINE}"></ol>
    <form class="pat-push pat-inject" action="${NOW}"
          data-pat-push="push-id: tide"
          data-pat-inject="source: .gauge; target: #tide-form">
      The form was submitted: <b id="tide-form">not yet</b>
    </form>`,
  actions: [
    {
      name: "call",
      label: "Call the push-id",
      messages: ({ account }) => [{ to: userTopic(account.id), marker: "tide" }],
    },
  ],
  contents: {
    now: () => fragment(gauge("span")),
    line: () => fragment(gauge("li")),
  },
};
