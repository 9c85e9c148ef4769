import { userTopic } from "push-protocol";
import { html, markup } from "../views/html.ts";
import type { Feature, FeatureAction } from "./feature.ts";

export const versions: Feature = {
  name: "versions",
  title: "Nothing older after something newer",
  summary: "Messages of one key are states of one thing: a page that shows version 3 takes no version 2.",
  text: html`<p>
      Slow jobs finish in any order. With a <code>key</code> and a <code>version</code>, a message that is
      older than what the page shows is dropped, wherever it comes from; and of a key the log keeps the newest
      only, so that a browser that was away gets one message and not a hundred.
    </p>
    <p>Press 3, then 2: nothing happens. Open the page again to begin anew.</p>`,
  markup: ({ run }) => markup`
    <p id="draft" data-push-key="draft-${run}" data-push-version="0">The draft as it was</p>`,
  actions: [1, 2, 3].map((version): FeatureAction => ({
    name: String(version),
    label: `Publish version ${version}`,
    messages: ({ account, run }) => [
      {
        to: userTopic(account.id),
        key: `draft-${run}`,
        version,
        html: `The draft, version ${version}`,
        target: "#draft",
      },
    ],
  })),
};
