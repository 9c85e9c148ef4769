import { userTopic } from "push-protocol";
import { html, markup } from "../views/html.ts";
import type { Feature } from "./feature.ts";

const OUTAGE_MS = 8000;

export const reconnecting: Feature = {
  name: "reconnecting",
  title: "After a tunnel, everything",
  summary: "The connection breaks and comes back: what was missed arrives, once.",
  text: html`<p>
      A broken connection is taken up again by itself, soon at first, then less and less often, with what the
      page has seen last. What came meanwhile arrives then. Outages that last for longer than three seconds
      show on the body as classes, for style sheets: <code>push-online</code>, <code>push-offline</code>,
      <code>push-signed-out</code>, <code>push-stopped</code>.
    </p>
    <p>The button takes your connection away for eight seconds, and publishes during them.</p>`,
  markup: () => markup`
    <p class="lamps">
      <b class="when-online">push-online</b>
      <b class="when-offline">push-offline</b>
    </p>
    <ul id="missed"></ul>`,
  actions: [
    {
      name: "break",
      label: "Break my connection",
      messages: ({ account }) =>
        [1, 2, 3].map((number) => ({
          to: userTopic(account.id),
          html: String(html`<li>Published in the tunnel, ${number} of 3</li>`),
          target: "#missed::after",
        })),
      afterMs: 1000,
      everyMs: 1000,
      beside: ({ outages }, { account }) => outages.begin(account.id, OUTAGE_MS),
    },
  ],
};
