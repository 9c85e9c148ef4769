/** A point in time that several steps share: each gets what the ones before it left. */
export class Deadline {
  readonly #at: number;

  constructor(timeoutMs: number) {
    this.#at = performance.now() + timeoutMs;
  }

  /** Milliseconds, at least 1 so that a timer made of it fires; at most `limitMs`. */
  remainingMs(limitMs: number = Number.POSITIVE_INFINITY): number {
    return Math.max(1, Math.min(limitMs, this.#at - performance.now()));
  }
}
