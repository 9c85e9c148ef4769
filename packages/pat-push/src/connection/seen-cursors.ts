/** Once in the page: tells a message that was seen from a new one, on a wire that delivers at least once. */
import { compareCursors, type Cursor } from "push-protocol";

/** Cursors kept. What falls out raises the floor, below which everything counts as seen. */
const MAX_SEEN = 2000;

export class SeenCursors {
  readonly #seen = new Set<Cursor>();
  readonly #max: number;
  #floor: Cursor | undefined;

  constructor(max: number = MAX_SEEN) {
    this.#max = max;
  }

  /** Whether this cursor is new; afterwards it is not. */
  add(cursor: Cursor): boolean {
    if (this.#floor !== undefined && compareCursors(cursor, this.#floor) <= 0) return false;
    if (this.#seen.has(cursor)) return false;
    this.#seen.add(cursor);
    if (this.#seen.size > this.#max) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) {
        this.#seen.delete(oldest);
        this.#floor = later(oldest, this.#floor);
      }
    }
    return true;
  }
}

/** The later of two cursors. */
export function later(a: Cursor, b: Cursor | undefined): Cursor {
  return b === undefined || compareCursors(a, b) > 0 ? a : b;
}
