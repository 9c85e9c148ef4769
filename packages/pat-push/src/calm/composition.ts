/** Somebody composes a character, in an input method: what they compose in must not be replaced under their hands. */

export class Composition {
  readonly #stopping = new AbortController();
  #element: Element | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor() {
    const options = { capture: true, signal: this.#stopping.signal };
    document.addEventListener(
      "compositionstart",
      ({ target }) => {
        this.#element = target instanceof Element ? target : undefined;
        this.#ended = new Promise((resolve) => {
          document.addEventListener("compositionend", () => resolve(), { ...options, once: true });
        });
      },
      options,
    );
    document.addEventListener("compositionend", () => (this.#element = undefined), options);
  }

  /** If somebody composes in one of these: until they are done. */
  in(elements: () => readonly Element[]): Promise<void> | undefined {
    const composing = this.#element;
    return composing?.isConnected && elements().some((element) => element.contains(composing))
      ? this.#ended
      : undefined;
  }

  close(): void {
    this.#stopping.abort();
  }
}
