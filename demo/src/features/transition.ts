import { userTopic } from "push-protocol";
import { html, markup, type Html } from "../views/html.ts";
import type { Feature, FeatureAction } from "./feature.ts";

const SHIPS = [
  ["Aurora", 90],
  ["Brigid", 210],
  ["Corvo", 45],
  ["Dagny", 130],
] as const;

type Order = (one: (typeof SHIPS)[number], other: (typeof SHIPS)[number]) => number;
const byName: Order = ([one], [other]) => one.localeCompare(other);
const byLength: Order = ([, one], [, other]) => other - one;

function ships(order: Order): Html {
  return markup`${SHIPS.toSorted(order).map(
    ([name, metres]) => markup`
      <li id="ship-${name.toLowerCase()}">${name}, ${metres} m</li>`,
  )}`;
}

export const transition: Feature = {
  name: "transition",
  title: "Moved instead of switched",
  summary: "An injection as a view transition of the browser: elements glide to their new places.",
  text: html`<p>
    With <code>transition: view</code> the browser fades from before to after, and moves what has a
    <code>view-transition-name</code> in the style sheet. Whoever asked for reduced motion, and browsers that
    have no view transitions, get the same without motion.
  </p>`,
  markup: () => markup`
    <ol id="ships">${ships(byName)}
    </ol>`,
  actions: (
    [
      ["length", "Order by length", byLength],
      ["name", "Order by name", byName],
    ] as const
  ).map(([name, label, order]): FeatureAction => ({
    name,
    label,
    messages: ({ account }) => [
      { to: userTopic(account.id), html: String(ships(order)), target: "#ships", transition: "view" },
    ],
  })),
};
