import { userTopic, type Message } from "push-protocol";
import { html, markup } from "../views/html.ts";
import type { Feature, FeatureAction, FeatureVisit } from "./feature.ts";

/** Part of what a snippet has, as a CMS answers whole pages. */
const PAGE = html`<h1>Berths</h1>
  <p class="free">Berth 4 is free.</p>
  <p class="taken">Berth 5 is taken.</p>`;

const BOAT = html`<li>A boat</li>`;
const NEWS = html`<p>News from the quay</p>`;

/** Each is pat-inject's grammar, pushed: where, of what, and what the button says about it. */
const WAYS: readonly (readonly [
  name: string,
  label: string,
  fields: Pick<Message, "html" | "source" | "target">,
])[] = [
  ["content", "Replace the content", { html: String(BOAT), target: "#boats" }],
  ["after", "Put it last", { html: String(BOAT), target: "#boats::after" }],
  ["before", "Put it first", { html: String(BOAT), target: "#boats::before" }],
  [
    "element",
    "Replace the element itself",
    { html: `<p id="bulletin">Another bulletin</p>`, target: "#bulletin::element" },
  ],
  [
    "element-before",
    "Put it in front of the element",
    { html: String(NEWS), target: "#bulletin::element::before" },
  ],
  ["element-after", "Put it behind the element", { html: String(NEWS), target: "#bulletin::element::after" }],
  ["source", "Take the content of a part", { html: String(PAGE), source: ".free", target: "#bulletin" }],
  [
    "source-element",
    "Take a part itself",
    { html: String(PAGE), source: ".free::element", target: "#bulletin::element::after" },
  ],
  [
    "both",
    "Two places at once",
    { html: String(PAGE), source: ".free && .taken", target: "#bulletin && #boats::after" },
  ],
  [
    "own",
    "The snippet says where",
    {
      html: '<li class="pat-inject-async" data-pat-inject-async="target: #boats::after; class: fresh; scroll: target">A boat that knows its place</li>',
    },
  ],
];

export const inject: Feature = {
  name: "inject",
  title: "Injected by source and target",
  summary: "A message says what of it goes where, in the grammar of pat-inject.",
  text: html`<p>
      <code>target</code> says where a snippet goes, and <code>source</code> what of it: selectors, with
      <code>::element</code> for the element itself, <code>::before</code> and <code>::after</code> for a
      place beside what is there, and <code>&amp;&amp;</code> for several at once. Or the root of the snippet
      says it, with options such as <code>class</code> and <code>scroll</code>.
    </p>
    <p>The injection is pat-inject's own, with its events; patterns in what comes are initialised.</p>`,
  markup: () => markup`
    <p id="bulletin">The bulletin</p>
    <ul id="boats">
      <li>The first boat</li>
    </ul>`,
  actions: WAYS.map(([name, label, fields]): FeatureAction => ({
    name,
    label,
    messages: ({ account }: FeatureVisit) => [{ to: userTopic(account.id), ...fields }],
  })),
};
