/** The elements of the page that wait for a push-id or a topic. */
import { parseTopic, type Topic } from "push-protocol";
import { createPlacement, type Placement } from "../injection/injector.ts";
import { configOf, mannerOf, type AsyncOptions } from "../patterns/grammar.ts";

/** An element with `.pat-inject-async` that waits. */
export interface WaitingElement {
  readonly element: HTMLElement;
  readonly pushIds: ReadonlySet<string>;
  readonly topics: ReadonlySet<Topic>;
  /** Where it fetches from; empty if it takes only what messages bring. */
  readonly url: string;
  readonly placements: () => Placement[];
}

/** Asks the server for topics; counts who asks. */
export interface Subscriber {
  subscribe(topic: Topic): void;
  unsubscribe(topic: Topic): void;
}

export class WaitingElements {
  readonly #elements = new Map<HTMLElement, WaitingElement>();
  readonly #subscriber: Subscriber;

  constructor(subscriber: Subscriber) {
    this.#subscriber = subscriber;
  }

  /** Elements that wait for nothing are not kept. @throws ProtocolError for what is no topic */
  add(element: HTMLElement, options: readonly AsyncOptions[]): void {
    const topics = new Set(options.flatMap(({ topic }) => (topic ? [parseTopic(topic)] : [])));
    const pushIds = new Set(options.flatMap(({ pushId }) => (pushId ? [pushId] : [])));
    if (topics.size + pushIds.size === 0) return;
    const url = options.find((option) => option.url)?.url ?? "";
    const placements = (): Placement[] =>
      options.map((option) =>
        createPlacement(configOf({ ...option, url }), element, element, mannerOf(option)),
      );
    this.remove(element);
    this.#elements.set(element, { element, pushIds, topics, url, placements });
    for (const topic of topics) this.#subscriber.subscribe(topic);
  }

  remove(element: HTMLElement): void {
    const waiting = this.#elements.get(element);
    if (!waiting) return;
    this.#elements.delete(element);
    for (const topic of waiting.topics) this.#subscriber.unsubscribe(topic);
  }

  forMarker(marker: string): WaitingElement[] {
    return this.#filter(({ pushIds }) => pushIds.has(marker));
  }

  forTopics(topics: readonly Topic[]): WaitingElement[] {
    return this.#filter((waiting) => topics.some((topic) => waiting.topics.has(topic)));
  }

  /** Those with a URL; with a topic, those of that topic. */
  withUrl(topic?: Topic): WaitingElement[] {
    return this.#filter(({ url, topics }) => url !== "" && (topic === undefined || topics.has(topic)));
  }

  #filter(test: (waiting: WaitingElement) => boolean): WaitingElement[] {
    return [...this.#elements.values()].filter(test);
  }
}
