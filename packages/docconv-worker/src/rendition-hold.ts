/** Keeps what a run makes from being deleted under it: by a purge, or when another document lets go of the content. */
import type { PreviewStore } from "./preview-store.ts";

/** What one run of a job holds. A run that is repeated has the same name, so it takes over what a killed one held. */
export class RenditionHold {
  readonly #store: PreviewStore;
  readonly #uid: string;
  /** With a dot, which no document's uid has. */
  readonly #run: string;
  #key: string | undefined;

  constructor(store: PreviewStore, uid: string, runId: string) {
    this.#store = store;
    this.#uid = uid;
    this.#run = `${runId}.run`;
  }

  async take(key: string): Promise<void> {
    this.#key = key;
    await this.#store.reference(key, this.#uid);
    await this.#store.reference(key, this.#run);
  }

  /**
   * The run has come to its end.
   * @param isKept whether the document shows what was made
   * @param stale what the document showed before, or a run that was cut short had made
   */
  async end(isKept: boolean, stale: readonly string[]): Promise<void> {
    const made = this.#key === undefined ? [] : [this.#key];
    for (const key of new Set([...stale, ...made])) {
      if (key !== this.#key || !isKept) await this.#store.release(key, this.#uid);
      await this.#store.release(key, this.#run);
    }
  }
}
