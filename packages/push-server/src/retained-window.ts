/** The retained part of the log, in memory and indexed by topic: from here every replay is answered, on any node. */
import { compareCursors, CURSOR_START, cursorTime, type Cursor, type Topic } from "push-protocol";
import { CursorList } from "./cursor-list.ts";
import type { LogEntry } from "./log-entry.ts";
import type { Forgotten } from "./log.ts";

export interface RetentionOptions {
  /** Default: one hour. */
  readonly maxAgeMs: number;
  /** All retained messages together. Default: 64 MiB. */
  readonly maxBytes: number;
  /** Default: 200,000. */
  readonly maxEntries: number;
  /** When room is needed, topics that take more than this part of it let their oldest go first. Default: 0.125. */
  readonly maxTopicShare: number;
}

export const DEFAULT_RETENTION: RetentionOptions = {
  maxAgeMs: 3_600_000,
  maxBytes: 64 * 1024 * 1024,
  maxEntries: 200_000,
  maxTopicShare: 0.125,
};

/** An entry, and those of its topics on which it counts. */
export interface Relayed {
  readonly entry: LogEntry;
  readonly topics: readonly Topic[];
}

interface TopicHistory {
  readonly entries: CursorList<LogEntry>;
  readonly latestOfKey: Map<string, LogEntry>;
  bytes: number;
}

/** A topic's own objects, as long as it has messages. */
const TOPIC_OVERHEAD_BYTES = 500;
/** Records that are no messages; a publisher that writes nonsense shall not fill the log. */
const MAX_SKIPPED = 10_000;
/** Ids remembered of messages that a later one of their key replaced: a publisher that heard nothing sends again. */
const MAX_REPLACED_IDS = 10_000;
/** Topics of which it is remembered how far they were forgotten; beyond, they count for all. */
const MAX_LOST_TOPICS = 50_000;

export class RetainedWindow {
  readonly #options: RetentionOptions;
  readonly #entries = new CursorList<LogEntry>();
  readonly #topics = new Map<Topic, TopicHistory>();
  readonly #ids = new Map<string, Cursor>();
  /** Of messages that were replaced, the latest last. */
  readonly #replacedIds = new Map<string, Cursor>();
  /** In the order in which they lost something, so that the first is the least. */
  readonly #lost = new Map<Topic, Cursor>();
  /** Topics that take more than their share: never more than a few. */
  readonly #large = new Map<Topic, TopicHistory>();
  #floor: Cursor = CURSOR_START;
  #end: Cursor = CURSOR_START;
  #bytes = 0;
  readonly #skipped = new CursorList<{ readonly cursor: Cursor }>();
  #forgotten: Cursor[] = [];
  #newlyLost = new Map<Topic, Cursor>();

  constructor(options: Partial<RetentionOptions> = {}) {
    this.#options = { ...DEFAULT_RETENTION, ...options };
  }

  /** Position of the last message that was seen. */
  get end(): Cursor {
    return this.#end;
  }

  /** Position of the oldest message that is kept. */
  get start(): Cursor | undefined {
    return this.#entries.first()?.cursor;
  }

  get size(): { readonly entries: number; readonly bytes: number; readonly topics: number } {
    return { entries: this.#entries.length, bytes: this.#bytes, topics: this.#topics.size };
  }

  /** Where the message with this id is, or was until a later one of its key replaced it. */
  find(id: string): Cursor | undefined {
    return this.#ids.get(id) ?? this.#replacedIds.get(id);
  }

  /**
   * Takes the next entry of the log. Returns the topics on which it is to be relayed: none if its id was there
   * already, or if a later version of its key was.
   */
  add(entry: LogEntry): readonly Topic[] {
    this.#end = entry.cursor;
    if (entry.id !== undefined && this.find(entry.id) !== undefined) {
      this.#forgotten.push(entry.cursor);
      return [];
    }
    const topics = entry.to.filter((topic) => this.#addTo(topic, entry));
    if (topics.length === 0) {
      this.#forgotten.push(entry.cursor);
      return topics;
    }
    if (entry.id !== undefined) this.#ids.set(entry.id, entry.cursor);
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    const { maxBytes, maxEntries } = this.#options;
    while (this.#bytes > maxBytes || this.#entries.length > maxEntries) {
      if (this.#entries.length === 1) break; // the newest stays, however small the budget
      if (!this.#forgetOfLargest()) this.#forgetOldest();
    }
    return topics;
  }

  /** Takes note of a record that is no message: the log keeps it as long as messages of its age. */
  skip(cursor: Cursor): void {
    this.#end = cursor;
    this.#skipped.push({ cursor });
    if (this.#skipped.length > MAX_SKIPPED) this.#forgetSkipped();
  }

  /** Lets go of what is older than it may be. */
  expire(nowMs: number): void {
    const until = nowMs - this.#options.maxAgeMs;
    for (let first = this.#skipped.first(); first && cursorTime(first.cursor) < until;) {
      this.#forgetSkipped();
      first = this.#skipped.first();
    }
    for (let first = this.#entries.first(); first; first = this.#entries.first()) {
      if (cursorTime(first.cursor) >= until) return;
      this.#forgetOldest();
    }
  }

  /** Everything up to this position may be missing, on this topic or on all. */
  gap(upTo: Cursor, topic?: Topic): void {
    if (topic !== undefined) {
      this.#lose(topic, upTo);
      return;
    }
    if (compareCursors(upTo, this.#floor) > 0) this.#floor = upTo;
    if (compareCursors(upTo, this.#end) > 0) this.#end = upTo;
  }

  /** Whether nothing after this position is missing on any of these topics. */
  isComplete(after: Cursor, topics: Iterable<Topic>): boolean {
    return this.completeAfter(after, topics) === after;
  }

  /** The first position, this one or a later, after which nothing is missing on any of these topics. */
  completeAfter(after: Cursor, topics: Iterable<Topic>): Cursor {
    let position = later(after, this.#floor);
    for (const topic of topics) position = later(position, this.#lost.get(topic) ?? position);
    return position;
  }

  /** What was published after one position and up to another on these topics, in the order of the log, each once. */
  *after(cursor: Cursor, topics: Iterable<Topic>, until: Cursor): Generator<Relayed, void, undefined> {
    const sources: { readonly topic: Topic; readonly entries: CursorList<LogEntry>; index: number }[] = [];
    for (const topic of topics) {
      const entries = this.#topics.get(topic)?.entries;
      const index = entries?.indexAfter(cursor) ?? 0;
      if (entries && index < entries.length) sources.push({ topic, entries, index });
    }
    for (;;) {
      let entry: LogEntry | undefined;
      for (const source of sources) {
        const candidate = source.entries.at(source.index);
        if (candidate && (!entry || compareCursors(candidate.cursor, entry.cursor) < 0)) entry = candidate;
      }
      if (!entry || compareCursors(entry.cursor, until) > 0) return;
      const held: Topic[] = [];
      for (const source of sources) {
        if (source.entries.at(source.index) !== entry) continue;
        held.push(source.topic);
        source.index += 1;
      }
      yield { entry, topics: held };
    }
  }

  /** What was forgotten since the last call, for the log to forget as well. */
  takeForgotten(): Forgotten | undefined {
    if (this.#forgotten.length === 0) return undefined;
    const forgotten = { cursors: this.#forgotten, lost: this.#newlyLost, floor: this.#floor };
    this.#forgotten = [];
    this.#newlyLost = new Map();
    return forgotten;
  }

  /** False if a later version of the entry's key is on this topic already. */
  #addTo(topic: Topic, entry: LogEntry): boolean {
    const history = this.#topics.get(topic) ?? {
      entries: new CursorList(),
      latestOfKey: new Map(),
      bytes: 0,
    };
    if (entry.key !== undefined) {
      const prior = history.latestOfKey.get(entry.key);
      if (prior) {
        if ((prior.version ?? -Infinity) > (entry.version ?? Infinity)) return false;
        this.#drop(topic, history, prior);
        if (this.#releaseIfUnheld(prior)) this.#rememberReplaced(prior);
      }
      history.latestOfKey.set(entry.key, entry);
    }
    history.entries.push(entry);
    history.bytes += entry.bytes;
    if (this.#isLarge(history)) this.#large.set(topic, history);
    if (this.#topics.has(topic)) return true;
    this.#topics.set(topic, history); // superseding may just have emptied and removed it
    this.#bytes += TOPIC_OVERHEAD_BYTES;
    return true;
  }

  /** Whether the topic had it. */
  #drop(topic: Topic, history: TopicHistory, entry: LogEntry): boolean {
    if (!history.entries.remove(entry)) return false;
    history.bytes -= entry.bytes;
    if (!this.#isLarge(history)) this.#large.delete(topic);
    if (entry.key !== undefined && history.latestOfKey.get(entry.key) === entry) {
      history.latestOfKey.delete(entry.key);
    }
    if (history.entries.length === 0 && this.#topics.delete(topic)) this.#bytes -= TOPIC_OVERHEAD_BYTES;
    return true;
  }

  #isLarge({ bytes, entries }: TopicHistory): boolean {
    const { maxBytes, maxEntries, maxTopicShare } = this.#options;
    return bytes > maxBytes * maxTopicShare || entries.length > maxEntries * maxTopicShare;
  }

  /** A topic that floods lets its own oldest go, not the others'. False: none does. */
  #forgetOfLargest(): boolean {
    let largest: readonly [Topic, TopicHistory] | undefined;
    for (const large of this.#large) if (!largest || large[1].bytes > largest[1].bytes) largest = large;
    const oldest = largest?.[1].entries.first();
    if (!largest || !oldest) return false;
    this.#drop(...largest, oldest);
    this.#lose(largest[0], oldest.cursor);
    this.#releaseIfUnheld(oldest);
    return true;
  }

  #forgetOldest(): void {
    const oldest = this.#entries.first();
    if (!oldest) return;
    for (const topic of oldest.to) {
      const history = this.#topics.get(topic);
      if (!history || !this.#drop(topic, history, oldest)) continue;
      this.#lose(topic, oldest.cursor);
    }
    this.#release(oldest);
  }

  /** Lets an entry go if no topic holds it any more. */
  #releaseIfUnheld(entry: LogEntry): boolean {
    const [, second] = entry.to;
    const isHeld =
      second !== undefined && entry.to.some((topic) => this.#topics.get(topic)?.entries.has(entry));
    if (!isHeld) this.#release(entry);
    return !isHeld;
  }

  #rememberReplaced({ id, cursor }: LogEntry): void {
    if (id === undefined) return;
    this.#replacedIds.set(id, cursor);
    const [oldest] = this.#replacedIds.keys();
    if (this.#replacedIds.size > MAX_REPLACED_IDS && oldest !== undefined) this.#replacedIds.delete(oldest);
  }

  #release(entry: LogEntry): void {
    if (!this.#entries.remove(entry)) return;
    this.#bytes -= entry.bytes;
    if (entry.id !== undefined) this.#ids.delete(entry.id);
    this.#forgotten.push(entry.cursor);
  }

  #forgetSkipped(): void {
    const oldest = this.#skipped.shift();
    if (oldest) this.#forgotten.push(oldest.cursor);
  }

  #lose(topic: Topic, upTo: Cursor): void {
    if (compareCursors(upTo, this.#lost.get(topic) ?? CURSOR_START) <= 0) return;
    this.#lost.delete(topic);
    this.#lost.set(topic, upTo);
    this.#newlyLost.set(topic, upTo);
    if (this.#lost.size <= MAX_LOST_TOPICS) return;
    const [first] = this.#lost;
    if (!first) return;
    this.#lost.delete(first[0]);
    if (compareCursors(first[1], this.#floor) > 0) this.#floor = first[1];
  }
}

function later(one: Cursor, other: Cursor): Cursor {
  return compareCursors(other, one) > 0 ? other : one;
}
