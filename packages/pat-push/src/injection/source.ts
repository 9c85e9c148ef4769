/** Picks from a snippet what a configuration injects. */
import $ from "jquery";
import type { InjectConfig } from "./pat-inject.ts";
import { rebaseAnchors } from "./rebase.ts";
import { originalBody, type Snippet } from "./snippet.ts";

/** `source` that takes the whole snippet. */
export const WHOLE = "";

export interface Source {
  /** The elements that were chosen; with `WHOLE` the top ones. */
  readonly elements: readonly Element[];
  /** In the order and with the white space of pat-inject. The originals with the last call, copies with the others. */
  readonly nodes: (last: boolean) => Node[];
}

/**
 * What `config.source` means in the snippet.
 * @param url where the snippet came from; empty for one that a message brought
 * @param shared whether others use the snippet too: then nobody gets the originals
 * @param wanted judges each chosen element; what it refuses is left out
 */
export function selectSource(
  snippet: Snippet,
  { source, sourceMod }: InjectConfig,
  url: string,
  shared: boolean,
  wanted: (element: Element) => boolean,
): Source {
  if (source === "none") return { elements: [], nodes: () => [document.createTextNode("")] };
  const own = (node: Node, last: boolean): Node => (last && !shared ? node : node.cloneNode(true));
  const body = originalBody(snippet);
  if (source === WHOLE || (source === "body" && !body)) {
    const all = [...(body ?? snippet).childNodes].filter(
      (node) => !(node instanceof Element) || wanted(node),
    );
    return {
      elements: all.filter((node) => node instanceof Element),
      nodes: (last) => all.map((node) => own(node, last)),
    };
  }
  const elements = $(snippet as unknown as HTMLElement)
    .find(source === "body" && body ? `#${body.id}` : source)
    .get()
    .filter(wanted);
  if (url !== "") rebaseAnchors(elements, url);
  // Copies, for one of them may stand in another.
  return {
    elements,
    nodes: () => elements.flatMap((element, index) => copy(element, sourceMod, index > 0)),
  };
}

function copy(element: Element, sourceMod: InjectConfig["sourceMod"], separate: boolean): Node[] {
  const clone = element.cloneNode(true);
  const content = clone instanceof HTMLTemplateElement ? clone.content : clone;
  const nodes = sourceMod === "element" ? [clone] : [...content.childNodes];
  return separate ? [document.createTextNode("\n"), ...nodes] : nodes;
}
