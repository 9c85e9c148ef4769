/** The last step into the page: finds the target, spares what lives there, and lets pat-inject do the rest. */
import $ from "jquery";
import type { FormReset } from "../calm/calm.ts";
import type { Parts } from "../on-demand/parts.ts";
import { mannerOf, type Manner } from "../patterns/grammar.ts";
import { idOf } from "./names.ts";
import { findPatInject, type InjectAction, type InjectConfig, type PatInject } from "./pat-inject.ts";
import { put } from "./put.ts";
import { rebase } from "./rebase.ts";
import { Scanner } from "./scanner.ts";
import type { Snippet } from "./snippet.ts";

/** What makes it calmer, as far as it is loaded. Without, nodes are simply replaced. */
type Means = Pick<Parts, "calm" | "morph">;

/** Where one configuration of those that `&&` joins puts something. */
export interface Placement {
  /** Its modifiers are extracted already. */
  readonly config: InjectConfig;
  /** Events about the injection as a whole happen here. */
  readonly trigger: HTMLElement;
  /** What `target: self` means; undefined where nothing can be meant. */
  readonly self: HTMLElement | undefined;
  readonly manner: Manner;
}

/** A placement, and what it puts there. */
export interface Piece {
  readonly placement: Placement;
  /** Nodes for one target: the last target gets the originals, the others copies. */
  readonly nodes: (last: boolean) => readonly Node[];
}

/** Added beside or inside the target, which stays. */
const ADDING: ReadonlySet<InjectAction | undefined> = new Set([
  "contentbefore",
  "contentafter",
  "elementbefore",
  "elementafter",
]);

/** Patternslib's class for what its scan passes over. */
const UNSCANNED = "disable-patterns";

/**
 * @param config with the modifiers in its source and target; it is copied
 * @param manner default: as pat-inject
 */
export function createPlacement(
  config: InjectConfig,
  trigger: HTMLElement,
  self?: HTMLElement,
  manner: Manner = mannerOf({}),
): Placement {
  const own = { ...config };
  engine().extractModifiers(own);
  if (manner.method === "remove") own.source = "none"; // pat-inject takes the target away then
  return { config: own, trigger, self, manner };
}

/** Makes what is relative in a fetched snippet right for this page. */
export function rebaseSnippet(snippet: Snippet, url: string): void {
  rebase(snippet, url, engine());
}

/** The elements that a placement's target means now. */
export function findTargets({ config: { target }, self }: Placement): HTMLElement[] {
  if (target === "self") return self ? [self] : [];
  if (target === "") return [];
  if (/^#[\w-]+$/.test(target)) {
    const element = document.getElementById(target.slice(1));
    return element ? [element] : [];
  }
  // Not `$(target)`: that would make elements of a target that looks like HTML.
  return $(document).find(target).get();
}

export class Injector {
  readonly #scanner = new Scanner();
  #formReset: FormReset | undefined;

  /** Injects a piece wherever its target stands. False if the page has no such target. */
  place({ placement, nodes }: Piece, means: Means): boolean {
    const { config } = placement;
    if (config.target === "none") return true;
    const targets = findTargets(placement);
    if (targets.length === 0) return false;
    const inject = engine();
    config.$target = $(targets);
    this.#scanner.adopt(config);
    if (means.calm) this.#formReset ??= new means.calm.FormReset();
    const added = new Set<Node>();
    for (const [index, target] of targets.entries()) {
      // Unless pat-inject was there first, and remembers it.
      if (config.action?.startsWith("content") && $(target).data("initial-value") === undefined)
        this.#formReset?.remember(target);
      perform(inject, placement, target, nodes(index === targets.length - 1), added, means);
    }
    return true;
  }

  close(): void {
    this.#scanner.close();
    this.#formReset?.close();
  }
}

/** One target. */
function perform(
  inject: PatInject,
  { config, trigger, manner }: Placement,
  target: Element,
  nodes: readonly Node[],
  added: Set<Node>,
  { calm, morph }: Means,
): void {
  announceImages(nodes);
  const standing: Node[] = [];
  const kept: Element[] = [];
  const exchange = (live: Element, fresh: readonly Node[], exchanging: InjectConfig): boolean => {
    const swap = calm && new calm.Swap(live, fresh, exchanging.action === "element");
    if (!swap?.unchanged && !put(swap?.nodes ?? fresh, live, exchanging, trigger)) return false;
    standing.push(...(swap?.finish() ?? fresh));
    kept.push(...(swap?.kept ?? []));
    return true;
  };

  const whole = config.action === "element";
  const changed =
    manner.method === "morph" &&
    morph &&
    (whole || config.action === "content") &&
    morph.morph(target, nodes, whole);
  if (changed) {
    standing.push(...changed);
  } else if (config.source === "none") {
    put(nodes, target, config, trigger);
    standing.push(...nodes);
  } else if (ADDING.has(config.action)) {
    const rest = nodes.filter((node) => {
      const twin = findTwin(node, config, target, added);
      return !(twin && exchange(twin, [node], { ...config, action: "element" }));
    });
    if (standing.length === 0 || !rest.every(isBlank)) {
      if (!put(rest, target, config, trigger)) return;
      standing.push(...rest);
    }
    for (const node of standing) added.add(node);
  } else if (!exchange(target, nodes, config)) {
    return;
  }
  finish(inject, config, trigger, standing, kept);
}

/**
 * The element of the page that has the id of a new one. What is to be added, but is there already, replaces itself:
 * a message that is replayed, or whose content the page was rendered with, must not double.
 */
function findTwin(
  node: Node,
  config: InjectConfig,
  target: Element,
  added: ReadonlySet<Node>,
): Element | undefined {
  const id = node instanceof Element ? idOf(node) : "";
  const first = id === "" ? null : document.getElementById(id);
  if (!first) return undefined;
  const container = config.action?.startsWith("content") ? target : target.parentElement;
  const twin = container?.querySelector(`:scope > #${CSS.escape(id)}`) ?? first;
  return added.has(twin) ? undefined : twin;
}

/** pat-inject's own ending. What was kept is initialised already, and is not to be scanned again. */
function finish(
  inject: PatInject,
  config: InjectConfig,
  trigger: HTMLElement,
  nodes: readonly Node[],
  kept: readonly Element[],
): void {
  const marked = kept.filter((element) => !element.classList.contains(UNSCANNED));
  for (const element of marked) element.classList.add(UNSCANNED);
  try {
    inject._afterInjection($(trigger), $(nodes as HTMLElement[]) as JQuery<Node>, config);
  } finally {
    for (const element of marked) {
      element.classList.remove(UNSCANNED);
      if (element.className === "") element.removeAttribute("class");
    }
  }
}

/** As pat-inject's `_performInjection` does. */
function announceImages(nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (!(node instanceof Element)) continue;
    for (const image of node instanceof HTMLImageElement ? [node] : node.querySelectorAll("img"))
      image.addEventListener("load", () => $(image).trigger("pat-inject-content-loaded"), { once: true });
  }
}

function isBlank(node: Node): boolean {
  return node instanceof Text && node.data.trim() === "";
}

function engine(): PatInject {
  const inject = findPatInject();
  if (inject) return inject;
  throw new Error("pat-push needs pat-inject in the page's bundle.");
}
