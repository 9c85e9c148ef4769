/** Changes what is there into what came, node by node. Loaded with the first message that asks for it. */
import { Idiomorph } from "idiomorph";
import { isChangedField } from "../calm/fields.ts";
import { survives, updateSurvivor } from "../calm/survivors.ts";
import { align } from "./align.ts";

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

/** Where it is plain which node becomes which, only those that differ need idiomorph's guessing. */
function morphContent(live: Element, nodes: readonly Node[], added: Element[]): void {
  const changed = align(live, nodes, added);
  if (!changed) {
    void Idiomorph.morph(live, [...nodes], { ...options(added), morphStyle: "innerHTML" });
    return;
  }
  for (const [old, next] of changed) {
    if (old instanceof Element && next instanceof Element) morphElement(old, next, added);
    else old.nodeValue = next.nodeValue;
  }
}

function morphElement(old: Element, next: Element, added: Element[]): void {
  if (survives(old, next)) updateSurvivor(old, next);
  else void Idiomorph.morph(old, next, { ...options(added), morphStyle: "outerHTML" });
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
