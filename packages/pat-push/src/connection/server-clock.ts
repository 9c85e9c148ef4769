/** The log's time, as well as a browser can tell it: where a late subscription's replay begins. */
import { cursorAt, cursorTime, type Cursor } from "push-protocol";

/** How far a replay reaches behind the moment it is meant to begin, for clocks that differ, in milliseconds. */
export const OVERLAP_MS = 5000;

/**
 * Whatever comes from the server with a time on it was written before it arrived, so each is a lower bound of
 * how far the server's clock is ahead of ours, and the greatest bound is the best.
 */
export class ServerClock {
  #aheadMs = Number.NEGATIVE_INFINITY;

  /** Something written at `serverMs` by the server's clock was here at `localMs` by ours. */
  observe(serverMs: number, localMs: number): void {
    this.#aheadMs = Math.max(this.#aheadMs, serverMs - localMs);
  }

  observeCursor(cursor: Cursor): void {
    this.observe(cursorTime(cursor), Date.now());
  }

  /** A cursor safely before what the server publishes from now on. */
  justBefore(localMs: number): Cursor {
    return cursorAt(localMs + (Number.isFinite(this.#aheadMs) ? this.#aheadMs : 0) - OVERLAP_MS);
  }
}
