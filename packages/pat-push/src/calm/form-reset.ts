/** A reset of a form brings back what was in a target before the first injection, as with pat-inject. */

/**
 * Unlike pat-inject, it keeps nodes and not their HTML: what was sanitised is never parsed again, which could make it
 * dangerous. And it keeps them no longer than the target is there.
 */
export class FormReset {
  readonly #first = new WeakMap<Element, readonly Node[]>();
  readonly #stopping = new AbortController();

  constructor() {
    document.addEventListener("reset", (event) => this.#reset(event), { signal: this.#stopping.signal });
  }

  /** The content of this target is about to change. */
  remember(target: Element): void {
    if (this.#first.has(target) || !target.parentElement?.closest("form")) return;
    this.#first.set(target, [...target.cloneNode(true).childNodes]);
  }

  close(): void {
    this.#stopping.abort();
  }

  #reset({ target: form, defaultPrevented }: Event): void {
    if (defaultPrevented || !(form instanceof HTMLFormElement)) return;
    for (const target of form.querySelectorAll("*")) {
      const first = this.#first.get(target);
      if (first && target.isConnected) target.replaceChildren(...first.map((node) => node.cloneNode(true)));
    }
  }
}
