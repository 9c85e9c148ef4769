/** Makes what is relative in a fetched snippet right for the page it comes into, as pat-inject does. */
import type ParserType from "@patternslib/patternslib/src/core/parser.js";
import registry from "@patternslib/patternslib/src/core/registry.js";
import type { PatInject } from "./pat-inject.ts";
import type { Snippet } from "./snippet.ts";

/** URLs that are right wherever they stand (pat-inject's `_rebaseHTML`). */
const ABSOLUTE = /^(?:@@|#|mailto:|tel:|fax:|callto:|ts3server:|teams:|javascript:)/;

/** Rewrites attributes and pattern options in place; `url` is where the snippet came from. */
export function rebase(snippet: Snippet, url: string, inject: PatInject): void {
  const selector = Object.entries(inject._rebaseAttrs).map(([name, attribute]) => `${name}[${attribute}]`);
  for (const element of snippet.querySelectorAll(selector.join())) {
    const attribute = inject._rebaseAttrs[element.localName];
    const value = attribute === undefined ? null : element.getAttribute(attribute);
    if (attribute !== undefined && value && !ABSOLUTE.test(value))
      element.setAttribute(attribute, inject._rebaseURL(url, value));
  }
  for (const [name, options] of Object.entries(inject._rebaseOptions)) {
    for (const element of snippet.querySelectorAll(`[data-pat-${name}]`))
      rebaseOptions(element, name, options, (value) => inject._rebaseURL(url, value));
  }
}

function rebaseOptions(
  element: Element,
  name: string,
  options: readonly string[],
  rebaseUrl: (value: string) => string,
): void {
  const { parser } = (registry.patterns[name] ?? {}) as { parser?: ParserType };
  if (!parser) return;
  const configs = parser.parse(element, {}, true, false, false) as Record<string, unknown>[];
  let changed = false;
  for (const config of configs) {
    for (const option of options) {
      const value = config[option];
      if (!value) continue;
      changed = true;
      config[option] = Array.isArray(value)
        ? value.map((url: string) => rebaseUrl(url))
        : rebaseUrl(value as string);
    }
  }
  if (changed)
    element.setAttribute(`data-pat-${name}`, JSON.stringify(configs.length === 1 ? configs[0] : configs));
}

/** Links to a place in the fetched page lead there, unless the place comes along. */
export function rebaseAnchors(sources: readonly Element[], url: string): void {
  for (const source of sources) {
    for (const link of source.querySelectorAll('a[href^="#"]')) {
      const href = link.getAttribute("href") ?? "";
      if (href.includes("#{1}")) continue; // pat-clone's placeholder
      if (href === "#") link.setAttribute("href", url);
      else if (!sources.some((other) => other.querySelector(`#${CSS.escape(href.slice(1))}`)))
        link.setAttribute("href", url + href);
    }
  }
}
