import { userTopic } from "push-protocol";
import { html, markup, type Html } from "../views/html.ts";
import type { Feature } from "./feature.ts";

const CARGO = ["Timber", "Grain", "Salt"] as const;

function lot(name: string, text: string): Html {
  return html`<li id="lot-${name.toLowerCase()}">${name}: ${text}</li>`;
}

export const actions: Feature = {
  name: "actions",
  title: "Added once, changed in place, taken away",
  summary: "Rows with ids are added or replaced, whole lists are morphed, and what is over is removed.",
  text: html`<p>
      What is added and has an id that the page has already replaces that element: a message that comes twice
      never doubles a row. With <code>action: morph</code> a list becomes the one that came, node by node, and
      what did not change stays untouched. <code>action: remove</code> takes the target away.
    </p>
    <p>Select some text in a row, then morph the list: the selection stays.</p>`,
  markup: () => markup`
    <ul id="cargo">${CARGO.map(
      (name) => markup`
      ${lot(name, "expected")}`,
    )}
    </ul>`,
  actions: [
    {
      name: "upsert",
      label: "Add or replace the wool",
      text: "arrived",
      messages: ({ account }, text) => [
        { to: userTopic(account.id), html: String(lot("Wool", text)), target: "#cargo::after" },
      ],
    },
    {
      name: "morph",
      label: "Morph the list",
      messages: ({ account }) => [
        {
          to: userTopic(account.id),
          html: CARGO.map((name) => lot(name, name === "Grain" ? "arrived" : "expected")).join(""),
          target: "#cargo",
          action: "morph",
        },
      ],
    },
    {
      name: "remove",
      label: "Remove the salt",
      messages: ({ account }) => [
        { to: userTopic(account.id), html: "", target: "#lot-salt", action: "remove" },
      ],
    },
  ],
};
