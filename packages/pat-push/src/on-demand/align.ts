/** Before a morph: which child becomes which, where that is plain, so that only what differs is left to be morphed. */
import { move } from "../calm/move.ts";
import { idOf } from "../injection/names.ts";

/** A live node, and what it becomes. */
type Pair = readonly [old: Node, next: Node];

/**
 * Puts the children in their places; those that are equal stay untouched.
 * @param added gets the elements that are new in the page
 * @returns those that differ still; undefined, and nothing is changed, where it takes guessing
 */
export function align(live: Element, nodes: readonly Node[], added: Element[]): readonly Pair[] | undefined {
  return pairInPlace(live, nodes) ?? pairById(live, nodes, added);
}

/** As many as before, each where its like stands: the usual change of a list. */
function pairInPlace(live: Element, nodes: readonly Node[]): readonly Pair[] | undefined {
  const olds = [...live.childNodes];
  if (olds.length !== nodes.length) return undefined;
  const changed: Pair[] = [];
  for (const [index, next] of nodes.entries()) {
    const old = olds[index] as Node;
    if (old.isEqualNode(next)) continue;
    if (!isSame(old, next)) return undefined;
    changed.push([old, next]);
  }
  // Two without ids may have changed places.
  const plain = changed.length < 2 || changed.every(([old]) => !(old instanceof Element) || idOf(old) !== "");
  return plain && !changed.some(([old, next]) => takesFromOthers(live, old, next)) ? changed : undefined;
}

/** Elements with ids of their own, and white space: some come, some go, some change places. */
function pairById(live: Element, nodes: readonly Node[], added: Element[]): readonly Pair[] | undefined {
  const olds = elementsById([...live.childNodes]);
  const nexts = elementsById(nodes);
  if (!olds || !nexts) return undefined;
  const oldOf = new Map<Node, Element>();
  const changed: Pair[] = [];
  for (const [id, next] of nexts) {
    const old = olds.get(id);
    const same = old && isSame(old, next) ? old : undefined;
    if (same) oldOf.set(next, same);
    if (same?.isEqualNode(next)) continue;
    if (takesFromOthers(live, same, next)) return undefined;
    if (same) changed.push([same, next]);
  }
  const staying = new Set(oldOf.values());
  for (const old of olds.values())
    if (!staying.has(old) && !old.hasAttribute("data-push-permanent")) old.remove();
  place(live, nodes, oldOf, added);
  return changed;
}

function place(
  live: Element,
  nodes: readonly Node[],
  oldOf: ReadonlyMap<Node, Element>,
  added: Element[],
): void {
  let cursor: Node | null = live.firstChild;
  const skipSpace = (): void => {
    while (cursor instanceof Text) {
      const space: Text = cursor;
      cursor = space.nextSibling;
      space.remove();
    }
  };
  for (const node of nodes) {
    if (node instanceof Text && cursor instanceof Text) {
      if (cursor.data !== node.data) cursor.data = node.data;
      cursor = cursor.nextSibling;
      continue;
    }
    if (node instanceof Element) skipSpace();
    const old = oldOf.get(node);
    if (old && old === cursor) cursor = old.nextSibling;
    else if (old) move(old, live, cursor);
    else live.insertBefore(node, cursor);
    if (!old && node instanceof Element) added.push(node);
  }
  while (cursor) {
    skipSpace();
    cursor = (cursor as Node | null)?.nextSibling ?? null; // what is permanent stays
  }
}

/** Undefined where something else stands among them, or one has no id of its own. */
function elementsById(nodes: readonly Node[]): Map<string, Element> | undefined {
  const elements = new Map<string, Element>();
  for (const node of nodes) {
    if (node instanceof Element) {
      const id = idOf(node);
      if (id === "" || elements.has(id)) return undefined;
      elements.set(id, node);
    } else if (!(node instanceof Text) || node.data.trim() !== "") {
      return undefined;
    }
  }
  return elements.size > 0 ? elements : undefined;
}

function isSame(old: Node, next: Node): boolean {
  if (old.nodeType !== next.nodeType) return false;
  if (!(old instanceof Element) || !(next instanceof Element)) return true;
  return old.localName === next.localName && idOf(old) === idOf(next);
}

/** Whether something with an id comes from elsewhere in the list: it is to move then, with all that it holds. */
function takesFromOthers(live: Element, old: Node | undefined, next: Node): boolean {
  if (!(next instanceof Element)) return false;
  return [...next.querySelectorAll("[id]")].some(({ id }) => {
    const there = document.getElementById(id);
    return there !== null && live.contains(there) && !old?.contains(there);
  });
}
