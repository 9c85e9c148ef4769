/** The pattern `.pat-inject-async`: an element that waits for a push-id or a topic. */
import { BasePattern } from "@patternslib/patternslib/src/core/basepattern.js";
import type Parser from "@patternslib/patternslib/src/core/parser.js";
import type { Page } from "../page.ts";
import type { AsyncOptions } from "./grammar.ts";

/**
 * The class to register.
 * @param page what its instances wait in
 * @param onScan called whenever Patternslib scans; at the first time all patterns of the host are registered
 */
export function createInjectAsync(page: () => Page, parser: Parser, onScan: () => void): typeof BasePattern {
  return class InjectAsync extends BasePattern {
    static override readonly name = "inject-async";
    static override readonly trigger = ".pat-inject-async";
    static override readonly parser = parser;
    static readonly transform = onScan;

    override parser_multiple = true;
    declare options: AsyncOptions[];
    #leave: (() => void) | undefined;

    override init(): void {
      this.#leave = page().wait(this.el, this.options, () => this.destroy());
    }

    override destroy(): void {
      this.#leave?.();
      super.destroy();
    }
  };
}
