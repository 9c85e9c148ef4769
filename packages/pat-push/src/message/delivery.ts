/** Puts a snippet in its places, or parks it; nothing older than what is shown passes. */
import { place, rebaseSnippet, type Piece } from "../injection/injector.ts";
import type { Snippet } from "../injection/snippet.ts";
import { selectSource, type Source } from "../injection/source.ts";
import type { Destination } from "./destinations.ts";
import { Parked } from "./parked.ts";
import { keyOf, versionOf, Versions, type Order } from "./versions.ts";

/** What a snippet is, wherever it came from. */
export interface Origin {
  /** For the log: never the content. */
  readonly name: string;
  /** What it is the state of. */
  readonly key: string | undefined;
  readonly order: Order;
  /** Where it was fetched; empty if a message brought it. */
  readonly url: string;
}

interface State {
  readonly key: string;
  readonly order: Order;
}

interface Parcel extends Piece {
  /** What of which keys it shows. */
  readonly states: readonly State[];
}

export class Delivery {
  readonly versions: Versions = new Versions();
  readonly #parked = new Parked();
  readonly #onExpire: (origin: Origin) => void;
  readonly #onError: (origin: Origin, error: unknown) => void;

  /**
   * @param onExpire a snippet found no target in time
   * @param onError one of its places failed: a selector is wrong, or a listener threw; the others go on
   */
  constructor(onExpire: (origin: Origin) => void, onError: (origin: Origin, error: unknown) => void) {
    this.#onExpire = onExpire;
    this.#onError = onError;
  }

  deliver(snippet: Snippet, destinations: readonly Destination[], origin: Origin): void {
    if (origin.key !== undefined && this.versions.compare(origin.key, origin.order) <= 0) return;
    if (origin.url !== "") rebaseSnippet(snippet, origin.url);
    // All are cut before the first is placed: what one records must not make the others look old.
    const parcels = destinations.flatMap((destination) => this.#cut(snippet, destination, origin));
    for (const parcel of parcels) if (!this.#place(parcel, origin)) this.#park(parcel, origin);
  }

  /** Something came into the page: a target that was missing may be there. */
  retryParked(): void {
    this.#parked.retry();
  }

  close(): void {
    this.#parked.clear();
  }

  #cut(snippet: Snippet, { placement, root }: Destination, { key, order, url }: Origin): Parcel[] {
    const states: State[] = key === undefined ? [] : [{ key, order }];
    let outdated = false;
    const wanted = (element: Element): boolean => {
      const own = stateOf(element);
      if (!own || own.key === key) return true;
      if (this.versions.compare(own.key, own.order) > 0) {
        states.push(own);
        return true;
      }
      outdated = true;
      return false;
    };
    const source: Source = root
      ? { elements: wanted(root) ? [root] : [], nodes: () => [root.cloneNode(true)] }
      : selectSource(snippet, placement.config, url, wanted);
    return outdated && source.elements.length === 0 ? [] : [{ placement, nodes: source.nodes, states }];
  }

  #place(parcel: Parcel, origin: Origin): boolean {
    try {
      if (!place(parcel)) return false;
    } catch (error) {
      this.#onError(origin, error);
    }
    for (const { key, order } of parcel.states) this.versions.record(key, order);
    return true;
  }

  #park(parcel: Parcel, origin: Origin): void {
    const { target, action } = parcel.placement.config;
    this.#parked.add({
      replaces: origin.key === undefined ? undefined : `${origin.key} ${action} ${target}`,
      retry: () => {
        const outdated = parcel.states.some(({ key, order }) => this.versions.compare(key, order) < 0);
        return outdated || this.#place(parcel, origin);
      },
      expire: () => this.#onExpire(origin),
    });
  }
}

function stateOf(element: Element): State | undefined {
  const version = versionOf(element);
  const key = keyOf(element);
  return version === undefined || key === undefined ? undefined : { key, order: { version } };
}
