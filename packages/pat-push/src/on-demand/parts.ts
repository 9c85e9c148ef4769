/** The parts of this package that a page gets only when something in it needs them. */
import type * as Calm from "../calm/calm.ts";
import type * as Extras from "./extras.ts";
import type * as Morphing from "./morph.ts";

type Part = "calm" | "morph" | "extras";

const LOADERS: Readonly<Record<Part, () => Promise<object>>> = {
  calm: () => import("../calm/calm.ts"),
  morph: () => import("./morph.ts"),
  extras: () => import("./extras.ts"),
};

export class Parts {
  readonly #failed: (error: unknown) => void;
  calm: typeof Calm | undefined;
  morph: typeof Morphing | undefined;
  extras: typeof Extras | undefined;

  /** @param failed a part could not be loaded: what wanted it goes on without */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Loads what is missing of these; undefined if nothing is. */
  load(parts: readonly Part[]): Promise<void> | undefined {
    const missing = parts.filter((part) => !this[part]);
    return missing.length === 0 ? undefined : this.#loadAll(missing);
  }

  async #loadAll(parts: readonly Part[]): Promise<void> {
    for (const result of await Promise.allSettled(parts.map((part) => this.#load(part))))
      if (result.status === "rejected") this.#failed(result.reason);
  }

  async #load(part: Part): Promise<void> {
    Object.assign(this, { [part]: await LOADERS[part]() });
  }
}
