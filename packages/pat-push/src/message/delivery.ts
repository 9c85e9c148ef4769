/** Puts a snippet in its places, or parks it; nothing older than what is shown passes. */
import { Composition } from "../calm/composition.ts";
import { createPlacement, findTargets, Injector, rebaseSnippet, type Piece } from "../injection/injector.ts";
import type { Snippet } from "../injection/snippet.ts";
import { selectSource, WHOLE, type Source } from "../injection/source.ts";
import type { Announcer } from "../on-demand/announcer.ts";
import { Parts } from "../on-demand/parts.ts";
import { configOf } from "../patterns/grammar.ts";
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
  /** For screen readers; empty if they are not to be told. */
  readonly text: string;
}

export class Delivery {
  readonly versions: Versions = new Versions();
  readonly #parked = new Parked();
  readonly #injector = new Injector();
  readonly #composition = new Composition();
  readonly #parts: Parts;
  readonly #onExpire: (origin: Origin) => void;
  readonly #onError: (name: string, error: unknown) => void;
  #announcer: Announcer | undefined;

  /**
   * @param onExpire a snippet found no target in time
   * @param onError one of its places failed: a selector is wrong, or a listener threw; the others go on
   */
  constructor(
    onExpire: (origin: Origin) => void,
    onError: (name: string, error: unknown) => void,
    parts: Parts = new Parts((error) => onError("a part of pat-push", error)),
  ) {
    this.#onExpire = onExpire;
    this.#onError = onError;
    this.#parts = parts;
  }

  /** At once, unless something has to be waited for: the end of a composition, a part that is loaded late. */
  deliver(snippet: Snippet, destinations: readonly Destination[], origin: Origin): void | Promise<void> {
    const placements = destinations.map(({ placement }) => placement);
    const replaced = placements.filter(
      ({ config }) => config.action === "content" || config.action === "element",
    );
    const waiting =
      this.#composition.in(() => replaced.flatMap(findTargets)) ??
      this.#parts.load([
        "calm",
        ...(placements.some(({ manner }) => manner.method === "morph") ? (["morph"] as const) : []),
        ...(placements.some(({ manner }) => manner.announce) ? (["extras"] as const) : []),
      ]);
    return waiting
      ? waiting.then(() => this.#deliverNow(snippet, destinations, origin))
      : this.#deliverNow(snippet, destinations, origin);
  }

  /** A notification that names no place. @param lasting it goes only when it is closed */
  async deliverToast(snippet: Snippet, origin: Origin, lasting: boolean): Promise<void> {
    await this.#parts.load(["extras"]);
    const { extras } = this.#parts;
    if (!extras || extras.wasClosed(origin.name)) return;
    extras.ensureToasts();
    const root = extras.frameToast(snippet, origin, lasting);
    const config = configOf({ source: WHOLE, target: `#${extras.TOASTS_ID}::after` });
    await this.deliver(snippet, [{ placement: createPlacement(config, document.body), root }], origin);
  }

  /** Something came into the page: a target that was missing may be there. */
  retryParked(): void {
    this.#parked.retry();
  }

  close(): void {
    this.#parked.clear();
    this.#injector.close();
    this.#composition.close();
    this.#announcer?.close();
  }

  #deliverNow(snippet: Snippet, destinations: readonly Destination[], origin: Origin): void | Promise<void> {
    if (origin.key !== undefined && this.versions.compare(origin.key, origin.order) <= 0) return undefined;
    if (origin.url !== "") rebaseSnippet(snippet, origin.url);
    // All are cut before the first is placed: what one records must not make the others look old.
    const shared = destinations.length > 1;
    const parcels = destinations.flatMap((destination) => this.#cut(snippet, destination, origin, shared));
    const placeAll = (): void => {
      for (const parcel of parcels) if (!this.#place(parcel, origin)) this.#park(parcel, origin);
    };
    if (!parcels.some(({ placement }) => placement.manner.transition) || !canTransition()) return placeAll();
    const { updateCallbackDone, ready, finished } = document.startViewTransition(placeAll);
    for (const shown of [ready, finished]) shown.catch(() => undefined); // skipped for a newer one: it is in the page all the same
    return updateCallbackDone;
  }

  #cut(
    snippet: Snippet,
    { placement, root }: Destination,
    { key, order, url }: Origin,
    shared: boolean,
  ): Parcel[] {
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
      ? {
          elements: wanted(root) ? [root] : [],
          nodes: (last) => [last && !shared ? root : root.cloneNode(true)],
        }
      : selectSource(snippet, placement.config, url, shared, wanted);
    if (outdated && source.elements.length === 0) return [];
    const text = placement.manner.announce ? textOf(source) : "";
    return [{ placement, nodes: source.nodes, states, text }];
  }

  #place(parcel: Parcel, origin: Origin): boolean {
    try {
      if (!this.#injector.place(parcel, this.#parts)) return false;
    } catch (error) {
      this.#onError(origin.name, error);
    }
    for (const { key, order } of parcel.states) this.versions.record(key, order);
    this.#announce(parcel);
    return true;
  }

  #announce({ text, placement }: Parcel): void {
    const { announce } = placement.manner;
    const { extras } = this.#parts;
    if (!announce || !extras) return;
    this.#announcer ??= new extras.Announcer();
    this.#announcer.announce(text, announce);
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

function textOf({ nodes }: Source): string {
  return nodes(false)
    .map(({ textContent }) => textContent ?? "")
    .join(" ");
}

function canTransition(): boolean {
  return (
    "startViewTransition" in document &&
    !document.hidden &&
    !matchMedia("(prefers-reduced-motion: reduce)").matches
  );
}
