/** Frames of replays that many get: after a restart everybody asks for the same last messages. */
import { LRUCache } from "lru-cache";
import type { Topic } from "push-protocol";
import { encodeEntry, type EncodedFrame } from "./encoded-frame.ts";
import type { LogEntry } from "./log-entry.ts";

/** All kept frames together; each counts with its text and its bytes for both kinds of WebSocket. */
const MAX_BYTES = 8 * 1024 * 1024;
const FORMS = 3;
/** Those who come back do so together: what nobody asked for during this time nobody will. */
const KEPT_MS = 60_000;

export class ReplayFrames {
  readonly #kept = new LRUCache<string, EncodedFrame>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ text }) => text.length * FORMS,
    ttl: KEPT_MS,
    updateAgeOnGet: true,
    perf: Date,
  });

  of(entry: LogEntry, topics: readonly Topic[]): EncodedFrame {
    // What is one user's alone is asked for once.
    if (topics.every((topic) => topic.startsWith("user:"))) return encodeEntry(entry, topics);
    const key = `${entry.cursor} ${topics.join(" ")}`;
    const known = this.#kept.get(key);
    if (known) return known;
    const frame = encodeEntry(entry, topics);
    this.#kept.set(key, frame);
    return frame;
  }

  /** Lets go of what nobody asks for any more. */
  sweep(): void {
    this.#kept.purgeStale();
  }
}
