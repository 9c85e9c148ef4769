/** Somebody composes a character, in an input method: what they compose in must not be replaced under their hands. */

/** How often it is looked whether the field is still there, in milliseconds: without it, nobody says that it is over. */
const LOOK_MS = 500;

export class Composition {
  readonly #stopping = new AbortController();
  #element: Element | undefined;
  #ended: Promise<void> = Promise.resolve();
  #end: () => void = () => undefined;

  constructor() {
    const options = { capture: true, signal: this.#stopping.signal };
    document.addEventListener("compositionstart", ({ target }) => this.#begin(target as Element), options);
    document.addEventListener("compositionend", () => this.#end(), options);
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
    this.#end();
  }

  #begin(element: Element): void {
    this.#end();
    this.#element = element;
    const looking = setInterval(() => element.isConnected || this.#end(), LOOK_MS);
    this.#ended = new Promise((resolve) => {
      this.#end = () => {
        clearInterval(looking);
        this.#element = undefined;
        resolve();
      };
    });
  }
}
