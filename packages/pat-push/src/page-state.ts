/** Shows the state of the connection on the page: an event, and classes on the body for stylesheets. */
import type { ConnectionState } from "./connection/connection.ts";

/** Outages shorter than this are not shown, in milliseconds: most reconnects take less. */
const PATIENCE_MS = 3000;

/** `push-online`, `push-offline`, `push-signed-out`, `push-stopped`. */
type BodyClass = "online" | "offline" | "signed-out" | "stopped";

const CLASS_OF: Readonly<Record<ConnectionState, BodyClass | undefined>> = {
  open: "online",
  connecting: "offline",
  waiting: "offline",
  "signed-out": "signed-out",
  stopped: "stopped",
  closed: undefined,
};

export class PageState {
  #shown: BodyClass | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Fires `pat-push-state` on the body, `detail.state` being the state; the classes follow, outages with patience. */
  show(state: ConnectionState): void {
    document.body.dispatchEvent(new CustomEvent("pat-push-state", { bubbles: true, detail: { state } }));
    const next = CLASS_OF[state];
    if (next !== "offline") return this.#apply(next);
    this.#timer ??= setTimeout(() => this.#apply(next), PATIENCE_MS);
    return undefined;
  }

  close(): void {
    this.#apply(undefined);
  }

  #apply(next: BodyClass | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (next === this.#shown) return;
    if (this.#shown) document.body.classList.remove(`push-${this.#shown}`);
    if (next) document.body.classList.add(`push-${next}`);
    this.#shown = next;
  }
}
