/** Moves a live node without ending what it plays, loads or is focused for, where browsers can. */

interface MoveBefore {
  moveBefore?(node: Node, child: Node | null): void;
}

export function move(node: Node, parent: Node & MoveBefore, before: Node | null): void {
  if (parent.moveBefore && node.isConnected && parent.isConnected) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}
