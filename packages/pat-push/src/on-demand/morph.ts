/** Changes what is there into what came, node by node. Loaded with the first message that asks for it. */
import { Idiomorph } from "idiomorph";
import { isChangedField } from "../calm/fields.ts";
import { survives, updateSurvivor } from "../calm/survivors.ts";

/**
 * @param live what changes, or whose content does
 * @param nodes what it changes into; they are used up
 * @param whole whether the element itself changes, and not its content alone
 * @returns what is new in the page, to be scanned; undefined if one cannot become the other
 */
export function morph(live: Element, nodes: readonly Node[], whole: boolean): Element[] | undefined {
  const added: Element[] = [];
  if (!whole) {
    morphContent(live, nodes, added);
    return added;
  }
  const [next, ...others] = nodes.filter((node) => !(node instanceof Text) || node.data.trim() !== "");
  if (!(next instanceof Element) || others.length > 0 || next.localName !== live.localName) return undefined;
  if (survives(live, next)) {
    updateSurvivor(live, next);
  } else {
    for (const name of live.getAttributeNames()) if (!next.hasAttribute(name)) live.removeAttribute(name);
    for (const { name, value } of next.attributes)
      if (live.getAttribute(name) !== value) live.setAttribute(name, value);
    morphContent(live, [...next.childNodes], added);
  }
  return added;
}

/** Rows that all have ids need no guessing: most of them are equal, and comparing them is the browser's own work. */
function morphContent(live: Element, nodes: readonly Node[], added: Element[]): void {
  const next = nodes.filter((node) => node instanceof Element);
  if (!isKeyed([...live.childNodes]) || !isKeyed(nodes)) {
    void Idiomorph.morph(live, [...nodes], { ...options(added), morphStyle: "innerHTML" });
    return;
  }
  const olds = new Map([...live.children].map((old) => [old.id, old]));
  const stays = new Set(next.map(({ id, localName }) => `${localName}#${id}`));
  for (const old of olds.values()) if (!stays.has(`${old.localName}#${old.id}`)) remove(old, olds);
  let cursor = live.firstElementChild;
  for (const element of next) {
    const old = olds.get(element.id);
    if (!old) {
      live.insertBefore(element, cursor);
      added.push(element);
      continue;
    }
    if (old === cursor) cursor = cursor.nextElementSibling;
    else live.insertBefore(old, cursor);
    if (survives(old, element)) updateSurvivor(old, element);
    else void Idiomorph.morph(old, element, { ...options(added), morphStyle: "outerHTML" });
  }
}

function remove(old: Element, olds: Map<string, Element>): void {
  if (old.hasAttribute("data-push-permanent")) return;
  olds.delete(old.id);
  old.remove();
}

/** Elements with ids of their own, and nothing else but white space. */
function isKeyed(nodes: readonly Node[]): boolean {
  const ids = new Set<string>();
  for (const node of nodes) {
    if (node instanceof Element) {
      if (node.id === "" || ids.has(node.id)) return false;
      ids.add(node.id);
    } else if (node instanceof Text && node.data.trim() !== "") {
      return false;
    }
  }
  return ids.size > 0;
}

function options(added: Element[]): Parameters<typeof Idiomorph.morph>[2] {
  return {
    ignoreActiveValue: true,
    callbacks: {
      afterNodeAdded(node) {
        if (node instanceof Element) added.push(node);
      },
      beforeNodeMorphed(old, next) {
        if (!(old instanceof Element) || !(next instanceof Element)) return true;
        if (isChangedField(old)) return false;
        if (!survives(old, next)) return true;
        updateSurvivor(old, next);
        return false;
      },
      beforeNodeRemoved: (old) => !(old instanceof Element && old.hasAttribute("data-push-permanent")),
      beforeAttributeUpdated: (name, _, change) => !(name === "open" && change === "remove"),
    },
  };
}
