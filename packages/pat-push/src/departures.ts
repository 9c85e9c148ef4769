/** Notices elements that leave the page: Patternslib never destroys a pattern, and a forgotten one goes on fetching. */

export class Departures {
  readonly #watched = new Map<Element, Set<() => void>>();

  /** Calls back once, when the element is no longer in the page. Returns what ends the watch. */
  watch(element: Element, gone: () => void): () => void {
    const callbacks = this.#watched.get(element) ?? new Set();
    this.#watched.set(element, callbacks.add(gone));
    return () => {
      if (callbacks.delete(gone) && callbacks.size === 0) this.#watched.delete(element);
    };
  }

  /** Nodes were removed. Those that stand elsewhere in the page by now have only moved. */
  check(): void {
    for (const [element, callbacks] of this.#watched) {
      if (element.isConnected) continue;
      this.#watched.delete(element);
      for (const gone of callbacks) gone();
    }
  }
}
