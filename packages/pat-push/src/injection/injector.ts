/** The last step into the page: finds the target, spares what lives there, and lets pat-inject do the rest. */
import $ from "jquery";
import { keepIdentical } from "./keep-identical.ts";
import { findPatInject, type InjectAction, type InjectConfig, type PatInject } from "./pat-inject.ts";
import { rebase } from "./rebase.ts";
import type { Snippet } from "./snippet.ts";

/** Where one configuration of those that `&&` joins puts something. */
export interface Placement {
  /** Its modifiers are extracted already. */
  readonly config: InjectConfig;
  /** Events about the injection as a whole happen here. */
  readonly trigger: Element;
  /** What `target: self` means; undefined where nothing can be meant. */
  readonly self: Element | undefined;
}

/** A placement, and what it puts there. */
export interface Piece {
  readonly placement: Placement;
  /** Fresh copies for one target. */
  readonly nodes: () => readonly Node[];
}

/** Added beside or inside the target, which stays. */
const ADDING: ReadonlySet<InjectAction | undefined> = new Set([
  "contentbefore",
  "contentafter",
  "elementbefore",
  "elementafter",
]);

/** @param config with the modifiers in its source and target; it is copied */
export function createPlacement(config: InjectConfig, trigger: Element, self?: Element): Placement {
  const own = { ...config };
  engine().extractModifiers(own);
  return { config: own, trigger, self };
}

/** Makes what is relative in a fetched snippet right for this page. */
export function rebaseSnippet(snippet: Snippet, url: string): void {
  rebase(snippet, url, engine());
}

/** Injects a piece wherever its target stands. False if the page has no such target. */
export function place({ placement, nodes }: Piece): boolean {
  const { config } = placement;
  if (config.target === "none") return true;
  const targets = findTargets(placement);
  if (targets.length === 0) return false;
  const inject = engine();
  config.$target = $(targets);
  inject.listenForFormReset(config);
  const added = new Set<Node>();
  for (const target of targets) perform(inject, placement, target, nodes(), added);
  return true;
}

/** The elements that a placement's target means now. */
export function findTargets({ config, self }: Placement): HTMLElement[] {
  if (config.target === "self") return self instanceof HTMLElement ? [self] : [];
  // Not `$(target)`: that would make elements of a target that looks like HTML.
  return config.target === "" ? [] : $(document).find(config.target).get();
}

function perform(
  inject: PatInject,
  placement: Placement,
  target: Element,
  fresh: readonly Node[],
  added: Set<Node>,
): void {
  const { config, trigger } = placement;
  announceImages(fresh);
  const {
    nodes: rest,
    replaced,
    kept,
  } = ADDING.has(config.action)
    ? upsert(inject, placement, target, fresh, added)
    : { nodes: fresh, replaced: [], kept: [] };
  const replacing = config.action === "element" || config.action === "content";
  const spared = replacing && config.source !== "none" ? keepIdentical(target, rest) : { nodes: rest, kept };
  if (replaced.length > 0 && spared.nodes.every(isBlank)) {
    finish(inject, placement, replaced, kept);
  } else if (inject._inject(trigger, spared.nodes, target, config)) {
    for (const node of spared.nodes) added.add(node);
    finish(inject, placement, [...replaced, ...spared.nodes], spared.kept);
  }
}

/**
 * What is to be added but is in the page already, by id, replaces itself there: a message that is replayed, or
 * whose content the page was rendered with, must not double.
 */
function upsert(
  inject: PatInject,
  { config, trigger }: Placement,
  target: Element,
  nodes: readonly Node[],
  added: ReadonlySet<Node>,
): { nodes: readonly Node[]; replaced: Node[]; kept: readonly Element[] } {
  const replaced: Node[] = [];
  const kept: Element[] = [];
  const container = config.action?.startsWith("content") ? target : target.parentElement;
  const rest = nodes.filter((node) => {
    if (!(node instanceof Element) || node.id === "") return true;
    const live =
      container?.querySelector(`:scope > #${CSS.escape(node.id)}`) ?? document.getElementById(node.id);
    if (!live || added.has(live)) return true;
    const spared = keepIdentical(live, [node]);
    kept.push(...spared.kept);
    replaced.push(...spared.nodes);
    inject._inject(trigger, spared.nodes, live, { ...config, action: "element" });
    return false;
  });
  return { nodes: rest, replaced, kept };
}

/** pat-inject's own ending. What was kept is initialised already, and is not to be scanned again. */
function finish(
  inject: PatInject,
  { config, trigger }: Placement,
  nodes: readonly Node[],
  kept: readonly Element[],
): void {
  const unmarked = kept.filter((element) => !element.classList.contains("disable-patterns"));
  for (const element of unmarked) element.classList.add("disable-patterns");
  try {
    inject._afterInjection($(trigger as HTMLElement), $(nodes as HTMLElement[]) as JQuery<Node>, config);
  } finally {
    for (const element of unmarked) {
      element.classList.remove("disable-patterns");
      if (element.className === "") element.removeAttribute("class");
    }
  }
}

/** As pat-inject's `_performInjection` does. */
function announceImages(nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (!(node instanceof Element)) continue;
    for (const image of $(node).find("img").addBack("img"))
      image.addEventListener("load", () => $(image).trigger("pat-inject-content-loaded"), { once: true });
  }
}

function isBlank(node: Node): boolean {
  return node instanceof Text && node.data.trim() === "";
}

function engine(): PatInject {
  const inject = findPatInject();
  if (inject) return inject;
  throw new Error("pat-push needs Patternslib's pat-inject, and it is not registered: add it to the bundle.");
}
