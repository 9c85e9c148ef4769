import { objectTopic } from "push-protocol";
import { html, markup } from "../views/html.ts";
import type { Feature, FeatureAction } from "./feature.ts";

const WORKSPACES = [
  ["quay-renewal", "Quay renewal"],
  ["gatehouse", "Gatehouse"],
] as const;

export const objects: Feature = {
  name: "objects",
  title: "For those who may see an object",
  summary: "An element waits for what happens to an object; the CMS decides who may know of it.",
  text: html`<p>
      An element with the topic of an object subscribes to it for as long as it is in the page. The push
      server lets a connection in if the CMS shows that object to its user, asks again while it stays, and
      refuses it otherwise.
    </p>
    <p>
      Both boxes wait in the pages of everybody. Jane and Noam see what is sent to <i>Quay renewal</i>, Eve
      and Noam what is sent to <i>Gatehouse</i>: look at this page as another of them, in another browser.
    </p>`,
  markup: () =>
    markup`${WORKSPACES.map(
      ([id, title]) => markup`
    <p>
      ${title}:
      <b id="in-${id}" class="pat-inject-async"
         data-pat-inject-async="topic: object:/${id};
                                source: body; target: self">nothing yet</b>
    </p>`,
    )}`,
  actions: WORKSPACES.map(([id, title]): FeatureAction => ({
    name: id,
    label: `Send to ${title}`,
    messages: () => [{ to: objectTopic(`/${id}`), html: `Something happened in ${title}.` }],
  })),
};
