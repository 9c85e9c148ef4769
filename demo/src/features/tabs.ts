import { userTopic } from "push-protocol";
import { fragment } from "../reply.ts";
import { html, markup } from "../views/html.ts";
import { featurePath, type Feature } from "./feature.ts";

const NAME = "tabs";
const COUNT = featurePath({ name: NAME }, "count");

export const tabs: Feature = {
  name: NAME,
  title: "One connection for all tabs",
  summary: "The tabs of a user share a connection, and each shows what belongs into it.",
  text: html`<p>
      Twenty open tabs need not be twenty connections. One of them has it and passes on what comes; when that
      one is closed, the next takes over, and nothing is lost.
    </p>
    <p>
      <a href="${featurePath({ name: NAME })}" target="_blank">Open this page in more tabs</a>, then count:
      the number does not rise. It does for another user.
    </p>`,
  markup: () => markup`
    <p>
      Connections at the push server:
      <b id="connections" class="pat-push"
         data-pat-push="push-id: connections; url: ${COUNT}"
      >not counted yet</b>
    </p>`,
  actions: [
    {
      name: "count",
      label: "Count in all tabs",
      messages: ({ account }) => [{ to: userTopic(account.id), marker: "connections" }],
    },
  ],
  contents: {
    count: ({ connections }) => fragment(html`<span>${connections()}</span>`),
  },
};
