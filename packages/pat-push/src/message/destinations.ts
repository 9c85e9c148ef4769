/** Where a snippet goes: the message says it, or its own roots, or the elements that wait for its topic. */
import type Parser from "@patternslib/patternslib/src/core/parser.js";
import type { MessageFrame } from "push-protocol";
import { createPlacement, type Placement } from "../injection/injector.ts";
import { idOf } from "../injection/names.ts";
import type { Snippet } from "../injection/snippet.ts";
import { WHOLE } from "../injection/source.ts";
import { configOf, mannerOf, type AsyncOptions } from "../patterns/grammar.ts";
import type { WaitingElements } from "./waiting.ts";

export interface Destination {
  readonly placement: Placement;
  /** The one root of the snippet that goes there; undefined: what the placement's source says. */
  readonly root?: Element;
}

/** The places that a message names by itself, before anything is fetched; undefined if it names none. */
export function namedDestinations({ message }: MessageFrame): Destination[] | undefined {
  if (message.target === undefined) return undefined;
  const targets = splitList(message.target);
  const sources = splitList(message.source ?? WHOLE);
  const manner = mannerOf(message);
  return targets.map((target, index) => {
    const source = sources[Math.min(index, sources.length - 1)] ?? WHOLE;
    return { placement: createPlacement(configOf({ source, target }), document.body, undefined, manner) };
  });
}

/** The places for a snippet whose message names none. Empty: it belongs nowhere. */
export function ownDestinations(
  snippet: Snippet,
  { topics }: MessageFrame,
  waiting: WaitingElements,
  parser: Parser,
): Destination[] {
  const roots = [...snippet.children].filter(isAddressed);
  if (roots.length > 0) return roots.flatMap((root) => rootDestinations(root, parser));
  return waiting
    .forTopics(topics)
    .flatMap(({ placements }) => placements().map((placement) => ({ placement })));
}

function isAddressed(root: Element): boolean {
  return root.classList.contains("pat-inject-async") || root.hasAttribute("data-pat-inject-async");
}

/** A root goes as itself unless it names a source, and without a target to the element that has its id. */
function rootDestinations(root: Element, parser: Parser): Destination[] {
  const configs = parser.parse(root, {}, true, false) as AsyncOptions[];
  return configs.flatMap((options) => {
    const target = options.target ?? options.defaultSelector ?? sameElement(root);
    if (target === undefined) return [];
    const { source = WHOLE, class: className, scroll } = options;
    const config = { ...configOf({ source, target }), class: className, scroll };
    const self = document.getElementById(idOf(root)) ?? undefined;
    const placement = createPlacement(config, document.body, self, mannerOf(options));
    return [options.source === undefined ? { placement, root } : { placement }];
  });
}

function sameElement(root: Element): string | undefined {
  const id = idOf(root);
  return id === "" ? undefined : `#${CSS.escape(id)}::element`;
}

/** pat-inject's `&&`. */
function splitList(text: string): string[] {
  return text.includes("&&") ? text.split(/\s*&&\s*/) : [text];
}
