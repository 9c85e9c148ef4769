/** pat-inject's classes for the time of a fetch: `executing` on the element, `injecting` on its targets. */
import { findTargets, type Placement } from "../injection/injector.ts";

/** Sets them; returns what takes off those that no injection took off. */
export function showLoading(element: Element, placements: readonly Placement[]): () => void {
  const marked: [Element, string[]][] = [];
  const mark = (target: Element, classes: string): void => {
    const names = classes.split(/\s+/).filter(Boolean);
    target.classList.add(...names);
    marked.push([target, names]);
  };
  for (const placement of placements) {
    mark(element, placement.config.executingClass);
    for (const target of findTargets(placement)) mark(target, placement.config.loadingClass);
  }
  return () => {
    for (const [target, names] of marked) target.classList.remove(...names);
  };
}
