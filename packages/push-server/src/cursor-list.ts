/** A list in the order of the log, cheap at both ends: what the retained window keeps for itself and for each topic. */
import { compareCursors, type Cursor } from "push-protocol";

/** Room at the front that is worth copying the rest for. */
const COMPACT_AT = 64;

export class CursorList<T extends { readonly cursor: Cursor }> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  first(): T | undefined {
    return this.at(0);
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item) this.#skip(this.#head);
    return item;
  }

  /** Index of the first item after this position. */
  indexAfter(cursor: Cursor): number {
    let low = this.#head;
    let high = this.#items.length;
    const last = this.#items[high - 1];
    if (!last || compareCursors(last.cursor, cursor) <= 0) return this.length; // nearly always: nothing is new
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = this.#items[middle];
      if (item && compareCursors(item.cursor, cursor) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - this.#head;
  }

  has(item: T): boolean {
    if (this.first() === item || this.#items.at(-1) === item) return true; // nearly always, and no search
    return this.at(this.indexAfter(item.cursor) - 1) === item;
  }

  /** Whether it was there. */
  remove(item: T): boolean {
    if (this.first() === item) {
      this.#skip(this.#head);
      return true;
    }
    if (!this.has(item)) return false;
    const index = this.#head + this.indexAfter(item.cursor) - 1;
    this.#items.splice(index, 1);
    return true;
  }

  #skip(index: number): void {
    this.#items[index] = undefined as unknown as T; // lets the item go before the next compaction
    this.#head += 1;
    if (this.#head < COMPACT_AT || this.#head * 2 < this.#items.length) return;
    this.#items.splice(0, this.#head);
    this.#head = 0;
  }
}
