/** The pattern `.pat-push`, with the markup of Patternslib's core: registered where core's own is not. */
import { BasePattern } from "@patternslib/patternslib/src/core/basepattern.js";
import Parser from "@patternslib/patternslib/src/core/parser.js";
import { WHOLE } from "../injection/source.ts";
import type { Page } from "../page.ts";

interface PushOptions {
  readonly url: string | null;
  readonly pushId: string | null;
  readonly mode: "replace" | "append" | "desktop-notification";
}

/** The attribute `data-pat-push`, as core's pattern reads it. */
export function createPushParser(): Parser {
  const parser = new Parser("push");
  parser.addArgument("url", null);
  parser.addArgument("push-id", null);
  parser.addArgument("mode", "replace", ["replace", "append", "desktop-notification"]);
  return parser;
}

/** The class to register. @param page what its instances wait in */
export function createPush(page: () => Page, parser: Parser): typeof BasePattern {
  return class Push extends BasePattern {
    static override readonly name = "push";
    static override readonly trigger = ".pat-push";
    static override readonly parser = parser;

    declare options: PushOptions;
    #leave: (() => void) | undefined;

    override init(): void {
      const { url, pushId, mode } = this.options;
      if (!pushId) return;
      const gone = (): void => this.destroy();
      if (mode === "desktop-notification") {
        if (url) void this.#notify(pushId, url, gone);
      } else if (this.el instanceof HTMLFormElement) {
        this.#leave = page().onMarker(pushId, this.el, () => this.#submit(), gone);
      } else if (url) {
        const target = mode === "append" ? "self::after" : "self";
        this.#leave = page().wait(this.el, [{ pushId, url, source: WHOLE, target }], gone);
      }
    }

    override destroy(): void {
      this.#leave?.();
      super.destroy();
    }

    /** As core does: an event for pat-inject and the like, not a submission by the browser. */
    #submit(): void {
      this.el.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    }
    async #notify(pushId: string, url: string, gone: () => void): Promise<void> {
      const { askOnClick, showDesktopNotifications } = await import("../on-demand/extras.ts");
      const unask = askOnClick(this.el);
      const unlisten = page().onMarker(
        pushId,
        this.el,
        () => void showDesktopNotifications(url).catch(reportError),
        gone,
      );
      this.#leave = () => {
        unask();
        unlisten();
      };
    }
  };
}
