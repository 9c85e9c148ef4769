/** Focus and selection stay where they are when what holds them is replaced. */
import { findTwin } from "./fields.ts";

/** Remembers what of both is in `live`; the returned function puts it into what is there then. */
export function rememberFocus(live: Element): () => void {
  const focused = document.activeElement;
  const restoreSelection = rememberSelection(live);
  if (!(focused instanceof HTMLElement) || !live.contains(focused)) return restoreSelection;
  const caret = rememberCaret(focused);
  return () => {
    restoreSelection();
    if (document.activeElement === focused) return;
    const twin = focused.isConnected ? focused : findTwin(focused, [document.body]);
    if (!(twin instanceof HTMLElement)) return;
    twin.focus({ preventScroll: true });
    caret(twin);
  };
}

type TextField = HTMLInputElement | HTMLTextAreaElement;

function rememberCaret(field: Element): (twin: Element) => void {
  if (!isTextField(field)) return () => undefined;
  const { selectionStart, selectionEnd, selectionDirection } = field;
  return (twin) => {
    // Fields such as numbers have no caret to set.
    if (isTextField(twin) && selectionStart !== null && twin.selectionStart !== null)
      twin.setSelectionRange(selectionStart, selectionEnd, selectionDirection ?? undefined);
  };
}

function isTextField(element: Element): element is TextField {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

/** Selected text is found again by its place, if the text there is the same. */
function rememberSelection(live: Element): () => void {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed) return () => undefined;
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  if (!live.contains(anchorNode) || !live.contains(focusNode)) return () => undefined;
  const text = selection.toString();
  const anchor = pathOf(anchorNode);
  const focus = pathOf(focusNode);
  return () => {
    if (document.getSelection()?.toString() === text) return;
    const from = follow(anchor);
    const to = follow(focus);
    if (!from || !to || anchorOffset > lengthOf(from) || focusOffset > lengthOf(to)) return;
    selection.setBaseAndExtent(from, anchorOffset, to, focusOffset);
    if (selection.toString() !== text) selection.removeAllRanges();
  };
}

/** Child indexes from the document down. */
function pathOf(node: Node | null): number[] {
  const path: number[] = [];
  for (let current = node; current?.parentNode; current = current.parentNode)
    path.unshift([...current.parentNode.childNodes].indexOf(current as ChildNode));
  return path;
}

function follow(path: readonly number[]): Node | undefined {
  let node: Node | undefined = document;
  for (const index of path) node = node?.childNodes[index];
  return node;
}

function lengthOf(node: Node): number {
  return node instanceof Text ? node.length : node.childNodes.length;
}
