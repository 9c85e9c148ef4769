/** What one connection is still to get: nothing while it is live, else a place in the retained window, never a copy. */
import { cursorTime, type Cursor, type Topic } from "push-protocol";
import type { EncodedFrame } from "./encoded-frame.ts";
import type { LogEntry } from "./log-entry.ts";
import type { RetainedWindow } from "./retained-window.ts";
import type { Transport } from "./transport.ts";

export interface OutboxOwner {
  /** What the connection holds now. */
  topics(): Iterable<Topic>;
  /** The window let go of something before the connection took it. */
  fellBehind(): void;
  /** The frame of a replayed entry. */
  encode(entry: LogEntry, topics: readonly Topic[]): EncodedFrame;
  now(): number;
}

/** Messages between two positions. */
interface Replay {
  readonly topics: readonly Topic[];
  after: Cursor;
  readonly until: Cursor;
}

type Step = EncodedFrame | Replay;

export class Outbox {
  readonly #window: RetainedWindow;
  readonly #owner: OutboxOwner;
  readonly #transport: Transport;
  /** While it is not live: what comes after this is owed, once the steps are done. */
  #position: Cursor | undefined;
  #steps: Step[] | undefined;
  #stalledSince: number | undefined;

  constructor(window: RetainedWindow, transport: Transport, owner: OutboxOwner) {
    this.#window = window;
    this.#transport = transport;
    this.#owner = owner;
    this.#position = window.end;
  }

  get live(): boolean {
    return this.#position === undefined;
  }

  /** Since when the reader has taken nothing of what waits for it; milliseconds since the epoch. */
  get stalledSince(): number | undefined {
    return this.#stalledSince;
  }

  /** Goes on from here: this frame, what came after the position, these frames, and then live. */
  start(welcome: EncodedFrame, after: Cursor, frames: readonly EncodedFrame[]): void {
    const until = this.#window.end;
    this.#position = until;
    this.#steps = [welcome, { topics: [...this.#owner.topics()], after, until }, ...frames];
    this.#feed();
  }

  /** What came on one topic between the position and now, and then this frame. */
  replay(topic: Topic, after: Cursor, frame: EncodedFrame): void {
    this.#position ??= this.#window.end;
    this.#step({ topics: [topic], after, until: this.#position }, frame);
  }

  /** A frame in its turn. */
  send(frame: EncodedFrame): void {
    if (this.live && this.#offer(frame)) return;
    this.#position ??= this.#window.end;
    this.#step(frame);
  }

  /** A message of the log, as it comes. */
  deliver(cursor: Cursor, frame: EncodedFrame): void {
    if (this.#position !== undefined || this.#offer(frame)) return;
    this.#position = justBefore(cursor);
  }

  drained(): void {
    this.#stalledSince = undefined;
    this.#feed();
  }

  #step(...steps: Step[]): void {
    this.#steps = [...(this.#steps ?? []), ...steps];
    if (this.#stalledSince === undefined) this.#feed();
  }

  #offer(frame: EncodedFrame): boolean {
    if (this.#transport.offer(frame)) return true;
    this.#stalledSince ??= this.#owner.now();
    return false;
  }

  #feed(): void {
    this.#transport.cork();
    try {
      if (this.#feedSteps() && this.#feedFromPosition()) this.#position = undefined;
    } finally {
      this.#transport.uncork();
    }
  }

  /** False: the rest has to wait. */
  #feedSteps(): boolean {
    for (let step = this.#steps?.[0]; step; step = this.#steps?.[0]) {
      if ("until" in step ? !this.#feedReplay(step) : !this.#offer(step)) return false;
      this.#steps?.shift();
    }
    this.#steps = undefined;
    return true;
  }

  #feedReplay(replay: Replay): boolean {
    if (!this.#window.isComplete(replay.after, replay.topics)) {
      this.#owner.fellBehind();
      return false;
    }
    for (const { entry, topics } of this.#window.after(replay.after, replay.topics, replay.until)) {
      if (!this.#offer(this.#owner.encode(entry, topics))) return false;
      replay.after = entry.cursor;
    }
    return true;
  }

  #feedFromPosition(): boolean {
    if (this.#position === undefined) return true;
    const rest = { topics: [...this.#owner.topics()], after: this.#position, until: this.#window.end };
    const done = this.#feedReplay(rest);
    this.#position = rest.after;
    return done;
  }
}

/** The position just before this one. */
function justBefore(cursor: Cursor): Cursor {
  const ms = cursorTime(cursor);
  const sequence = Number(cursor.slice(cursor.indexOf("-") + 1));
  return sequence > 0 ? `${ms}-${sequence - 1}` : `${ms - 1}-${Number.MAX_SAFE_INTEGER}`;
}
