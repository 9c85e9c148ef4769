/** What follows an injected node, as pat-inject's own handler does it, minus the scans that can find nothing. */
import registry from "@patternslib/patternslib/src/core/registry.js";
import $ from "jquery";
import type { InjectConfig } from "./pat-inject.ts";

interface PatternClass {
  readonly trigger?: string;
  readonly transform?: unknown;
  readonly prototype?: { readonly transform?: unknown };
}

/** What is asked of each new node; known until another pattern is registered. */
interface Wanted {
  readonly patterns: number;
  /** Matches whatever any pattern wants. */
  readonly selector: string;
  /** The patterns that change new content by themselves. */
  readonly transforming: readonly string[];
}

export class Scanner {
  readonly #own = new WeakSet<InjectConfig>();
  #wanted: Wanted | undefined;
  /** In this task it is known that no pattern came since: rows that come by the hundred do not count them each. */
  #checked = false;
  /** Injected in this task; `patterns-injected-delayed` is due for them. */
  #delayed: Element[] | undefined;

  constructor() {
    $(document).on("patterns-injected", this.#onInjected);
  }

  /** Takes an injection from pat-inject's handler into its own care. */
  adopt(config: InjectConfig): void {
    config["skipPatInjectHandler"] = true; // pat-inject's own way to leave the rest to somebody else
    this.#own.add(config);
  }

  close(): void {
    $(document).off("patterns-injected", this.#onInjected);
  }

  readonly #onInjected = (_: unknown, config: InjectConfig, trigger: HTMLElement, node: Node): void => {
    if (!config || !this.#own.has(config)) return;
    config.$target?.removeClass(config.loadingClass);
    $(trigger).removeClass(config.executingClass).addClass(config.executedClass);
    if (!(node instanceof HTMLElement || node instanceof SVGElement)) return;
    this.#scan(node, trigger);
    $(node as HTMLElement).trigger("patterns-injected-scanned");
    this.#announceLater(node);
  };

  /** Scanning costs as much as the injection; the usual row has no pattern in it. */
  #scan(node: Element, trigger: Element): void {
    const { selector, transforming } = this.#learn();
    if (selector !== "" && (node.matches(selector) || node.querySelector(selector))) {
      registry.scan(node, null, { type: "injection", element: trigger });
    } else {
      for (const name of transforming) registry.transformPattern(name, node);
    }
  }

  /** After ten milliseconds, as pat-inject has it; with one timer for all nodes of a task. */
  #announceLater(node: Element): void {
    if (this.#delayed) {
      this.#delayed.push(node);
      return;
    }
    const nodes = (this.#delayed = [node]);
    queueMicrotask(() => {
      this.#delayed = undefined;
    });
    setTimeout(() => {
      for (const injected of nodes) {
        const event = { bubbles: true, cancelable: true, detail: { injected } };
        injected.dispatchEvent(new CustomEvent("patterns-injected-delayed", event));
      }
    }, 10);
  }

  #learn(): Wanted {
    if (this.#wanted && this.#checked) return this.#wanted;
    this.#checked = true;
    queueMicrotask(() => {
      this.#checked = false;
    });
    const patterns = Object.entries(registry.patterns) as [string, PatternClass][];
    if (this.#wanted?.patterns !== patterns.length) {
      this.#wanted = {
        patterns: patterns.length,
        selector: patterns.flatMap(([, { trigger }]) => trigger?.trim().replace(/,$/, "") || []).join(),
        transforming: patterns.flatMap(([name, pattern]) =>
          (pattern.transform ?? pattern.prototype?.transform) ? name : [],
        ),
      };
    }
    return this.#wanted;
  }
}
