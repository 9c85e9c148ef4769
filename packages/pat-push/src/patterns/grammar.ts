/** The attribute `data-pat-inject-async`: pat-inject's grammar, and what an injection waits for. */
import Parser from "@patternslib/patternslib/src/core/parser.js";
import type { Tone } from "../on-demand/announcer.ts";
import type { InjectConfig } from "../injection/pat-inject.ts";

/** `inject` as pat-inject does; `morph` what is there into what came; `remove` what the target names. */
type Method = "inject" | "morph" | "remove";

const METHODS: readonly Method[] = ["inject", "morph", "remove"];
const TONES: readonly Tone[] = ["polite", "assertive"];

/** One configuration of those that `&&` joins. Absent options are undefined. */
export interface AsyncOptions {
  readonly [option: string]: unknown;
  readonly defaultSelector?: string;
  readonly source?: string;
  readonly target?: string;
  readonly url?: string;
  readonly class?: string;
  readonly scroll?: string;
  readonly loadingClass?: string;
  readonly executingClass?: string;
  readonly executedClass?: string;
  readonly action?: Method;
  readonly announce?: Tone | "off";
  readonly transition?: "off" | "view";
  readonly pushId?: string;
  readonly topic?: string;
}

/** Positions of the shorthand are pat-inject's: default selector, then target. */
export function createParser(): Parser {
  const parser = new Parser("inject-async");
  parser.addArgument("default-selector");
  parser.addArgument("target");
  parser.addArgument("source");
  parser.addArgument("url");
  parser.addArgument("class");
  parser.addArgument("scroll");
  parser.addArgument("loading-class", "injecting");
  parser.addArgument("executing-class", "executing");
  parser.addArgument("executed-class", "executed");
  parser.addArgument("action", "inject", METHODS);
  parser.addArgument("announce", "off", ["off", ...TONES]);
  parser.addArgument("transition", "off", ["off", "view"]);
  parser.addArgument("push-id");
  parser.addArgument("topic");
  return parser;
}

/**
 * What pat-inject makes of a configuration: defaults, and the fragment of the URL as the default selector. Where nobody
 * wrote an element for it, no classes come and go.
 */
export function configOf(options: AsyncOptions): InjectConfig {
  const [url = "", fragment] = (options.url ?? "").split("#");
  const selector = options.defaultSelector ?? (fragment ? `#${fragment}` : "body");
  return {
    source: options.source ?? selector,
    target: options.target ?? selector,
    url,
    class: options.class,
    scroll: options.scroll,
    loadingClass: options.loadingClass ?? "",
    executingClass: options.executingClass ?? "",
    executedClass: options.executedClass ?? "",
  };
}

/** How it is done, beyond pat-inject's grammar. */
export interface Manner {
  readonly method: Method;
  /** How screen readers are told; undefined: not at all. */
  readonly announce: Tone | undefined;
  /** As a view transition of the browser. */
  readonly transition: boolean;
}

/** Reads the options of an element or a message; what is not known counts as not given. */
export function mannerOf(options: { readonly [option: string]: unknown }): Manner {
  return {
    method: METHODS.find((method) => method === options["action"]) ?? "inject",
    announce: TONES.find((tone) => tone === options["announce"]),
    transition: options["transition"] === "view",
  };
}
