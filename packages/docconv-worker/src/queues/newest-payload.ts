/** What BullMQ does not keep: for each key the newest payload, which enqueue ran last, and what is cancelled. */
import type { Redis } from "ioredis";

/** Longer than any job waits, and never for good. */
const KEEP_MS = 7 * 86_400_000;

/** The newest payload of a key, and the id that brought it. */
export interface Newest<Payload> {
  readonly id: string;
  readonly payload: Payload;
}

/** The last run of a key that ended, and the enqueue whose payload it took. */
export interface LastRun {
  readonly run: string;
  readonly enqueue: string;
}

// Deletes only what is still the same: a newer enqueue may have come.
const DELETE_IF_SAME = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`;

/**
 * BullMQ drops an enqueue whose key waits already, with its payload. So the newest payload of each key is written
 * before BullMQ is told, and a run reads it when it starts: it is never older than what BullMQ knows.
 */
export class NewestPayloads<Payload> {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** Returns what it replaced: an enqueue that has not ended. */
  async put(key: string, newest: Newest<Payload>): Promise<Newest<Payload> | undefined> {
    const value = JSON.stringify(newest);
    const before = await this.#redis.set(`${this.#prefix}newest:${key}`, value, "PX", KEEP_MS, "GET");
    return before === null ? undefined : (JSON.parse(before) as Newest<Payload>);
  }

  async get(key: string): Promise<Newest<Payload> | undefined> {
    const value = await this.#redis.get(`${this.#prefix}newest:${key}`);
    return value === null ? undefined : (JSON.parse(value) as Newest<Payload>);
  }

  /** Keeps that this payload has been dealt with. */
  async ended(key: string, newest: Newest<Payload>, run: string): Promise<void> {
    const last: LastRun = { run, enqueue: newest.id };
    await this.#redis.set(`${this.#prefix}last:${key}`, JSON.stringify(last), "PX", KEEP_MS);
    await this.#redis.eval(DELETE_IF_SAME, 1, `${this.#prefix}newest:${key}`, JSON.stringify(newest));
  }

  async last(key: string): Promise<LastRun | undefined> {
    const value = await this.#redis.get(`${this.#prefix}last:${key}`);
    return value === null ? undefined : (JSON.parse(value) as LastRun);
  }

  /** An id is known from its enqueue on; it leads to the key, and so to the run that does the work. */
  async remember(id: string, key: string): Promise<void> {
    await this.#redis.set(`${this.#prefix}id:${id}`, key, "PX", KEEP_MS);
  }

  async keyOf(id: string): Promise<string | undefined> {
    return (await this.#redis.get(`${this.#prefix}id:${id}`)) ?? undefined;
  }

  async cancel(id: string): Promise<void> {
    await this.#redis.set(`${this.#prefix}cancelled:${id}`, "1", "PX", KEEP_MS);
  }

  async isCancelled(id: string): Promise<boolean> {
    return (await this.#redis.exists(`${this.#prefix}cancelled:${id}`)) === 1;
  }
}
