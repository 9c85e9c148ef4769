/** The parts of this package that a page gets only when something in it needs them. */
import type * as Extras from "./extras.ts";
import type * as Morphing from "./morph.ts";

export class Parts {
  readonly #failed: (error: unknown) => void;
  morph: typeof Morphing.morph | undefined;
  extras: typeof Extras | undefined;

  /** @param failed a part could not be loaded: what wanted it goes on without */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Loads what is missing of what is needed; undefined if nothing is. */
  load(needed: { readonly morph: boolean; readonly extras: boolean }): Promise<void> | undefined {
    const missing = [
      ...(needed.morph && !this.morph ? [this.#loadMorph()] : []),
      ...(needed.extras && !this.extras ? [this.#loadExtras()] : []),
    ];
    return missing.length === 0 ? undefined : this.#settle(missing);
  }

  async #settle(missing: readonly Promise<void>[]): Promise<void> {
    for (const result of await Promise.allSettled(missing))
      if (result.status === "rejected") this.#failed(result.reason);
  }

  async #loadMorph(): Promise<void> {
    this.morph = (await import("./morph.ts")).morph;
  }

  async #loadExtras(): Promise<void> {
    this.extras = await import("./extras.ts");
  }
}
