/**
 * Patternslib's pat-inject, as far as its engine is used here: whatever reaches the page goes through it, so that
 * the events, the classes and the scanning for patterns are those of any other injection.
 *
 * The names with an underscore are private to pat-inject. `pat-inject.browser.test.ts` pins what they do.
 */
import registry from "@patternslib/patternslib/src/core/registry.js";

/** Where and how, as its parser has it plus what `extractModifiers` makes of it. */
export interface InjectConfig {
  source: string;
  /** Without its modifiers once `extractModifiers` was here. */
  target: string;
  sourceMod?: "content" | "element";
  action?: InjectAction;
  $target?: JQuery;
  url: string;
  class?: string | undefined;
  scroll?: string | undefined;
  loadingClass: string;
  executingClass: string;
  executedClass: string;
  [option: string]: unknown;
}

export type InjectAction =
  | "content"
  | "contentbefore"
  | "contentafter"
  | "element"
  | "elementbefore"
  | "elementafter";

export interface PatInject {
  /** Takes `::element`, `::before`, `::after` off source and target: sets `sourceMod` and `action`. */
  extractModifiers(config: InjectConfig): boolean;
  /** Class, events, scanning, scrolling. */
  _afterInjection($trigger: JQuery, $injected: JQuery<Node>, config: InjectConfig): void;
  /** What is relative in an HTML from elsewhere: attribute by element name, ... */
  readonly _rebaseAttrs: Readonly<Record<string, string>>;
  /** ... and options by pattern name. */
  readonly _rebaseOptions: Readonly<Record<string, readonly string[]>>;
  _rebaseURL(base: string, url: string): string;
}

/** Looked up late: a federated add-on is there before the patterns of its host. */
export function findPatInject(): PatInject | undefined {
  return registry.patterns["inject"] as PatInject | undefined;
}
