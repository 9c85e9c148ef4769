/**
 * An element's content, or the element itself, gives way to new nodes without disturbing whoever uses the page:
 * what did not change goes on living in its new place, and what was typed, opened, selected and focused stays so.
 */
import { idOf } from "../injection/names.ts";
import { carryFields, carryOpenDetails } from "./fields.ts";
import { rememberFocus } from "./focus.ts";
import { move } from "./move.ts";
import { rememberScroll } from "./scroll.ts";
import { survives, updateSurvivor } from "./survivors.ts";

/** A live element, and where it is to stand. */
interface Stay {
  readonly element: Element;
  readonly place: Comment;
}

export class Swap {
  /** What to put into the page; empty if `unchanged`. */
  readonly nodes: readonly Node[];
  /** The live element itself stays as it is, and there is nothing to inject. */
  readonly unchanged: boolean;
  readonly #live: Element;
  readonly #stays: readonly Stay[];
  readonly #stash: HTMLElement = document.createElement("div");
  readonly #restore: readonly (() => void)[];

  /**
   * @param live what is replaced, or whose content is
   * @param nodes what comes instead; call `finish()` once it stands there
   * @param whole whether the element itself is replaced
   */
  constructor(live: Element, nodes: readonly Node[], whole: boolean) {
    this.#live = live;
    const twin = whole
      ? nodes.find((node) => node instanceof Element && idOf(node) === idOf(live))
      : undefined;
    this.unchanged = nodes.length === 1 && twin instanceof Element && survives(live, twin);
    if (this.unchanged) {
      updateSurvivor(live, twin as Element);
      this.nodes = this.#stays = this.#restore = [];
      return;
    }
    const stays: Stay[] = [];
    const elements = (): Element[] => this.nodes.filter((node) => node instanceof Element);
    const survivors = survivorFinder(live);
    this.nodes = nodes.map((node) => (node instanceof Element ? leavePlaces(node, survivors, stays) : node));
    this.#stays = stays;
    carryFields(live, elements());
    carryOpenDetails(live, elements());
    this.#restore = [rememberScroll(live), rememberFocus(live)];
    if (stays.length === 0) return;
    // While its old place is taken away, what stays waits in the document: outside it would stop.
    document.body.append(this.#stash);
    for (const { element } of stays) move(element, this.#stash, null);
  }

  /** The live elements that stayed. */
  get kept(): readonly Element[] {
    return this.unchanged ? [this.#live] : this.#stays.map(({ element }) => element);
  }

  /** The nodes stand in the page. Returns what stands there in the end. */
  finish(): readonly Node[] {
    if (this.unchanged) return [this.#live];
    const standing = this.nodes.map(
      (node) => this.#stays.find(({ place }) => place === node)?.element ?? node,
    );
    for (const { element, place } of this.#stays) {
      if (place.parentNode) move(element, place.parentNode, place);
      place.remove();
    }
    this.#stash.remove();
    for (const restore of this.#restore) restore();
    return standing;
  }
}

/** Finds the live element that stays when its new self comes. */
function survivorFinder(live: Element): (next: Element) => Element | undefined {
  const byId = new Map<string, Element>();
  for (const element of live.querySelectorAll("[id]")) byId.set(idOf(element), element);
  return (next) => {
    const id = idOf(next);
    const old = id === "" ? undefined : byId.get(id);
    if (!old || !survives(old, next)) return undefined;
    byId.delete(id);
    return old;
  };
}

/** Marks where live elements are to stand in and instead of a new one. */
function leavePlaces(next: Element, survivor: (next: Element) => Element | undefined, stays: Stay[]): Node {
  const element = survivor(next);
  if (element) {
    updateSurvivor(element, next);
    const place = document.createComment("");
    stays.push({ element, place });
    return place;
  }
  // Not `children`: it is live, and would skip what follows a child that was taken out.
  for (const child of next.querySelectorAll(":scope > *")) {
    const left = leavePlaces(child, survivor, stays);
    if (left !== child) child.replaceWith(left);
  }
  return next;
}
