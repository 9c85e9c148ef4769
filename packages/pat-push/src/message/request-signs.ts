/** What pat-inject shows of a request: events on the element that asks, and classes on it and its targets. */
import $ from "jquery";
import { findTargets, type Placement } from "../injection/injector.ts";
import type { FetchedSnippet } from "./fetch-snippet.ts";

export interface RequestSigns {
  /** The answer is here, and about to be injected. */
  answered(snippet: FetchedSnippet): void;
  /** There is nothing to inject. */
  failed(): void;
  /** Takes off the classes that no injection took off. */
  end(): void;
}

/** Shows that a request begins: `executing` on the element, `injecting` on its targets. */
export function showRequest(element: HTMLElement, placements: readonly Placement[]): RequestSigns {
  const marked: [Element, string[]][] = [];
  const mark = (marks: Element, classes: string): void => {
    const names = classes.split(/\s+/).filter(Boolean);
    marks.classList.add(...names);
    marked.push([marks, names]);
  };
  $(element).trigger("patterns-inject-triggered");
  for (const placement of placements) {
    mark(element, placement.config.executingClass);
    for (const target of findTargets(placement)) mark(target, placement.config.loadingClass);
  }
  const trigger = (type: string, jqxhr: object): void => {
    $(element).trigger(Object.assign($.Event(type), { jqxhr }));
  };
  return {
    answered({ html, url }) {
      trigger("pat-ajax-success", { url, status: 200, responseText: html });
    },
    failed() {
      trigger("pat-ajax-error", { status: 0, statusText: "error", responseText: "" });
    },
    end() {
      for (const [marks, names] of marked) marks.classList.remove(...names);
    },
  };
}
