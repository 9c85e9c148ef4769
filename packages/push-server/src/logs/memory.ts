/** The message log of a single process without Redis: the retained window is its only storage. */
import { cursorAt, type Cursor } from "push-protocol";
import type { LogFollower, LogRecord, LogState, MessageLog, NewLogRecord } from "../log.ts";

export interface MemoryLogOptions {
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly now?: () => number;
}

/** What was published before this process is not in it: its gap ends at the moment of creation. */
export class MemoryLog implements MessageLog {
  readonly #now: () => number;
  #ms: number;
  #sequence = 0;
  #pending: LogRecord[] = [];
  #follower: LogFollower | undefined;
  #flush: NodeJS.Immediate | undefined;

  constructor(options: MemoryLogOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#ms = this.#now();
  }

  append(record: NewLogRecord): Promise<Cursor> {
    const cursor = this.#next();
    this.#pending.push({ ...record, cursor });
    this.#schedule();
    return Promise.resolve(cursor);
  }

  follow(follower: LogFollower): Promise<void> {
    follower.gap(cursorAt(this.#ms));
    this.#follower = follower;
    this.#deliver();
    return Promise.resolve();
  }

  now(): number {
    return this.#now();
  }

  forget(): void {
    // the window was the storage
  }

  state(): LogState {
    return { driver: "memory", ok: true, detail: "In memory: messages last as long as this process." };
  }

  close(): Promise<void> {
    clearImmediate(this.#flush);
    this.#follower = undefined;
    this.#pending = [];
    return Promise.resolve();
  }

  /** As Redis assigns stream ids: never backwards, even if the clock goes there. */
  #next(): Cursor {
    const now = this.#now();
    if (now > this.#ms) {
      this.#ms = now;
      this.#sequence = 0;
    } else {
      this.#sequence += 1;
    }
    return `${this.#ms}-${this.#sequence}`;
  }

  /** Everything appended in one turn is handed over as one batch, so that each socket is written to once. */
  #schedule(): void {
    if (this.#follower) this.#flush ??= setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const records = this.#pending;
    this.#pending = [];
    if (records.length > 0) this.#follower?.records(records);
  }
}
