import { userTopic } from "push-protocol";
import { html, markup } from "../views/html.ts";
import type { Feature, FeatureAction } from "./feature.ts";

const TONES = [
  ["polite", "Announce politely", "The ferry leaves at six."],
  ["assertive", "Announce at once", "The bridge is closing."],
] as const;

export const announce: Feature = {
  name: "announce",
  title: "Read out by screen readers",
  summary: "What a message brings is announced, if it says so, and never in a flood.",
  text: html`<p>
      A page that changes by itself changes behind the back of whoever cannot see it. With
      <code>announce</code> the text of what came is put into a live region of the page:
      <code>polite</code> waits until the reader pauses, <code>assertive</code> does not. One thing after the
      other, and of a flood the newest.
    </p>
    <p>With a screen reader you hear it; without one you see the list alone.</p>`,
  markup: () => markup`<ul id="departures"></ul>`,
  actions: TONES.map(([tone, label, text]): FeatureAction => ({
    name: tone,
    label,
    text,
    messages: ({ account }, written) => [
      {
        to: userTopic(account.id),
        html: String(html`<li>${written}</li>`),
        target: "#departures::after",
        announce: tone,
      },
    ],
  })),
};
