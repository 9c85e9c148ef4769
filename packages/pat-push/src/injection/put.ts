/**
 * The DOM operation of an injection, as pat-inject does it: its own, `_inject`, takes nodes in Patternslib 9.10, and
 * jQuery objects in 9.9, which is in Plone 6.1.
 */
import $ from "jquery";
import type { InjectAction, InjectConfig } from "./pat-inject.ts";

const METHODS = {
  content: "replaceChildren",
  contentbefore: "prepend",
  contentafter: "append",
  element: "replaceWith",
  elementbefore: "before",
  elementafter: "after",
} as const satisfies Record<InjectAction, keyof Element>;

/** False, with an event on the trigger, where there is nothing to put. `source: none` takes the target away. */
export function put(
  nodes: readonly Node[],
  target: Element,
  { source, action = "content", url }: InjectConfig,
  trigger: Element,
): boolean {
  if (source === "none") {
    target.replaceWith("");
  } else if (nodes.length === 0) {
    $(trigger as HTMLElement).trigger("pat-inject-missingSource", { url, selector: source });
    return false;
  } else {
    target[METHODS[action]](...nodes);
  }
  return true;
}
