import { userTopic } from "push-protocol";
import { html } from "../views/html.ts";
import type { Feature } from "./feature.ts";

export const toasts: Feature = {
  name: "toasts",
  title: "Notifications in the corner",
  summary: "A notification that names no place appears as a toast in every page of its user.",
  text: html`<p>
      Messages of the kinds <code>notification</code> and <code>failed</code> that say no place become toasts.
      A notification goes after some seconds, unless the pointer or the focus is on it; a failure stays until
      it is closed. The newest of a <code>key</code> takes the place of the one before.
    </p>
    <p>Their style lies in a cascade layer, which any rule of a theme overrides.</p>`,
  actions: [
    {
      name: "notification",
      label: "Notify",
      text: "The minutes are ready.",
      messages: ({ account }, text) => [
        { to: userTopic(account.id), kind: "notification", html: String(html`<p>${text}</p>`) },
      ],
    },
    {
      name: "failed",
      label: "Fail",
      text: "The export did not work: the disk is full.",
      messages: ({ account }, text) => [
        {
          to: userTopic(account.id),
          kind: "failed",
          key: "export",
          html: String(
            html`<p><strong>Export</strong></p>
              <p>${text}</p>`,
          ),
        },
      ],
    },
  ],
};
