/** What is known of each key, so that nothing older comes after it. */
import { compareCursors, type Cursor } from "push-protocol";
import { idOf } from "../injection/names.ts";

/** Keys remembered; of the least recently applied, the page's own attributes still tell. */
const MAX_KEYS = 1000;

/** The place of one state of a key among the others. */
export interface Order {
  readonly version?: number | undefined;
  /** Orders what has no version. */
  readonly cursor?: Cursor | undefined;
}

export class Versions {
  readonly #applied = new Map<string, Order>();

  /** Negative if this state is older than what the page shows, 0 if it is that, positive if it is newer. */
  compare(key: string, order: Order): number {
    const shown = this.#shown(key);
    if (!shown) return 1;
    if (order.version !== undefined && shown.version !== undefined) return order.version - shown.version;
    if (order.cursor !== undefined && shown.cursor !== undefined)
      return compareCursors(order.cursor, shown.cursor);
    return 1;
  }

  record(key: string, order: Order): void {
    if (this.compare(key, order) <= 0) return;
    this.#applied.delete(key);
    this.#applied.set(key, order);
    const [leastRecent] = this.#applied.keys();
    if (this.#applied.size > MAX_KEYS && leastRecent !== undefined) this.#applied.delete(leastRecent);
  }

  /** What this page applied, or was rendered with. */
  #shown(key: string): Order | undefined {
    const applied = this.#applied.get(key);
    const element = elementOf(key);
    const version = element ? versionOf(element) : undefined;
    if (version === undefined || (applied?.version ?? Number.NEGATIVE_INFINITY) >= version) return applied;
    return { ...applied, version };
  }
}

/** The key under which an element's `data-push-version` counts: `data-push-key`, or its id. */
export function keyOf(element: Element): string | undefined {
  const id = idOf(element);
  return element.getAttribute("data-push-key") ?? (id === "" ? undefined : `#${id}`);
}

export function versionOf(element: Element): number | undefined {
  const text = element.getAttribute("data-push-version");
  const version = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isSafeInteger(version) ? version : undefined;
}

function elementOf(key: string): Element | null {
  return key.startsWith("#")
    ? document.getElementById(key.slice(1))
    : document.querySelector(`[data-push-key="${CSS.escape(key)}"]`);
}
