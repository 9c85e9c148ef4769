/** The push-ids that other patterns of the page fetch for: after a gap they are called, as if they had been pushed. */
import type Parser from "@patternslib/patternslib/src/core/parser.js";
import registry from "@patternslib/patternslib/src/core/registry.js";

interface ParsingPattern {
  readonly parser?: Parser;
}

/**
 * Of pat-inject's elements with a `push-marker`, and of core's pat-push with a `url`, unless `.pat-push` is ours.
 * @param pushParser reads `data-pat-push`; undefined if the pattern is ours, which fetches by itself
 */
export function foreignMarkers(pushParser: Parser | undefined): ReadonlySet<string> {
  const inject = registry.patterns["inject"] as ParsingPattern | undefined;
  return new Set([
    ...markers(".pat-inject[data-pat-inject*=push-marker]", inject?.parser, ({ pushMarker }) => pushMarker),
    ...markers(".pat-push", pushParser, ({ url, pushId }) => (url ? pushId : undefined)),
  ]);
}

function markers(
  selector: string,
  parser: Parser | undefined,
  markerOf: (options: Readonly<Record<string, unknown>>) => unknown,
): string[] {
  if (!parser) return [];
  return [...document.querySelectorAll(selector)].flatMap((element) => {
    const options = parser.parse(element, {}, true) as readonly Readonly<Record<string, unknown>>[];
    const marker = options[0] && markerOf(options[0]);
    return typeof marker === "string" && marker !== "" ? marker : [];
  });
}
