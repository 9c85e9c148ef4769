/** Keeps what does not change: a live element that the new nodes bring again, identical, goes on living in them. */

/**
 * Puts live elements in the place of their identical new selves, so that what they have loaded, typed and started
 * stays. Identical is what has an id and is equal, node by node (`isEqualNode`).
 * @param live the element whose content, or which itself, is about to be replaced
 * @returns the nodes to inject, and the live elements among and in them
 */
export function keepIdentical(
  live: Element,
  nodes: readonly Node[],
): { readonly nodes: readonly Node[]; readonly kept: readonly Element[] } {
  const byId = new Map<string, Element>();
  for (const element of live.querySelectorAll("[id]")) byId.set(element.id, element);
  if (live.id !== "") byId.set(live.id, live);
  if (byId.size === 0) return { nodes, kept: [] };

  const kept: Element[] = [];
  const keep = (node: Element): Element => {
    const old = node.id === "" ? undefined : byId.get(node.id);
    if (old?.isEqualNode(node)) {
      kept.push(old);
      byId.delete(node.id);
      return old;
    }
    for (const child of node.children) {
      const better = keep(child);
      if (better !== child) child.replaceWith(better);
    }
    return node;
  };
  return { nodes: nodes.map((node) => (node instanceof Element ? keep(node) : node)), kept };
}
