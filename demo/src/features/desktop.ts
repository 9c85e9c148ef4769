import { userTopic } from "push-protocol";
import { json } from "../reply.ts";
import { html, markup } from "../views/html.ts";
import { featurePath, type Feature } from "./feature.ts";

const NAME = "desktop";
const MESSAGES = featurePath({ name: NAME }, "messages");

export const desktop: Feature = {
  name: NAME,
  title: "Notifications on the desktop",
  summary: "The browser is in the background: the desktop tells.",
  text: html`<p>
      The third mode of <code>.pat-push</code>. When its push-id is called, the page fetches a list of
      notifications, as its user, and shows them. Browsers ask for permission after a gesture only: click the
      element first, and allow it.
    </p>
    <p>A click on the notification leads where it says.</p>`,
  markup: () => markup`
    <button type="button" class="pat-push"
            data-pat-push="push-id: bell; url: ${MESSAGES};
                           mode: desktop-notification">
      Allow notifications
    </button>`,
  actions: [
    {
      name: "ring",
      label: "Notify the desktop",
      messages: ({ account }) => [{ to: userTopic(account.id), marker: "bell" }],
    },
  ],
  contents: {
    messages: (_cms, { account }) =>
      json([
        {
          title: "Northquay",
          body: `${account.fullName}, the pilot is on board.`,
          icon: "/assets/icon.svg",
          data: { url: featurePath({ name: NAME }) },
        },
      ]),
  },
};
