/** What BullMQ does not keep: for each key the newest payload, which one runs and which ran last, and what is cancelled. */
import type { Redis } from "ioredis";

/** Longer than any job waits, and never for good. */
const KEEP_MS = 7 * 86_400_000;

/** The newest payload of a key, and the id that brought it. */
export interface Newest<Payload> {
  readonly id: string;
  readonly payload: Payload;
}

/** What a run finds when it starts. */
export interface Start<Payload> {
  /** Undefined: nothing came after what stands in BullMQ's job. */
  readonly newest: Newest<Payload> | undefined;
  readonly last: LastRun | undefined;
  readonly isCancelled: boolean;
}

/** What an enqueue finds. */
export interface Put<Payload> {
  /** An enqueue that has neither started nor ended: this one takes its place. */
  readonly superseded: Newest<Payload> | undefined;
}

/** The last run of a key that ended, and the enqueue whose payload it took. */
export interface LastRun {
  readonly run: string;
  readonly enqueue: string;
}

// Each of these is one step for Redis, so that an enqueue comes before the start of a run or after it, never between.

// KEYS newest, running; ARGV value, ms. What runs already is not replaced by what comes.
const PUT = `local before = redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2], "GET")
if before and redis.call("GET", KEYS[2]) == cjson.decode(before).id then return false end
return before`;

// KEYS newest, running, last; ARGV the job's own id, ms, where cancelled ids are kept.
const START = `local newest = redis.call("GET", KEYS[1])
local id = newest and cjson.decode(newest).id or ARGV[1]
redis.call("SET", KEYS[2], id, "PX", ARGV[2])
return {newest, redis.call("GET", KEYS[3]), redis.call("EXISTS", ARGV[3] .. id)}`;

// KEYS newest, running, last; ARGV what the run took, the last run, ms. A newer enqueue may have come: it stays.
const END = `redis.call("SET", KEYS[3], ARGV[2], "PX", ARGV[3])
redis.call("DEL", KEYS[2])
if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end`;

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

  async put(key: string, newest: Newest<Payload>): Promise<Put<Payload>> {
    const keys = [this.#key("newest", key), this.#key("running", key)];
    const before = await this.#redis.eval(PUT, 2, ...keys, JSON.stringify(newest), KEEP_MS);
    return { superseded: parse(before) as Newest<Payload> | undefined };
  }

  async get(key: string): Promise<Newest<Payload> | undefined> {
    return parse(await this.#redis.get(this.#key("newest", key))) as Newest<Payload> | undefined;
  }

  /** A run takes the newest payload of its key. @param id of BullMQ's job */
  async start(key: string, id: string): Promise<Start<Payload>> {
    const keys = [this.#key("newest", key), this.#key("running", key), this.#key("last", key)];
    const found = await this.#redis.eval(START, 3, ...keys, id, KEEP_MS, this.#key("cancelled", ""));
    const [newest, last, cancelled] = found as readonly [unknown, unknown, number];
    return {
      newest: parse(newest) as Newest<Payload> | undefined,
      last: parse(last) as LastRun | undefined,
      isCancelled: cancelled === 1,
    };
  }

  /** The enqueue whose payload runs now. */
  async running(key: string): Promise<string | undefined> {
    return (await this.#redis.get(this.#key("running", key))) ?? undefined;
  }

  /** A run goes back on the queue. */
  async putBack(key: string): Promise<void> {
    await this.#redis.del(this.#key("running", key));
  }

  /** Keeps that this payload has been dealt with. */
  async ended(key: string, newest: Newest<Payload>, run: string): Promise<void> {
    const last: LastRun = { run, enqueue: newest.id };
    const keys = [this.#key("newest", key), this.#key("running", key), this.#key("last", key)];
    await this.#redis.eval(END, 3, ...keys, JSON.stringify(newest), JSON.stringify(last), KEEP_MS);
  }

  async last(key: string): Promise<LastRun | undefined> {
    return parse(await this.#redis.get(this.#key("last", key))) as LastRun | undefined;
  }

  /** An id is known from its enqueue on; it leads to the key, and so to the run that does the work. */
  async remember(id: string, key: string): Promise<void> {
    await this.#redis.set(this.#key("id", id), key, "PX", KEEP_MS);
  }

  async keyOf(id: string): Promise<string | undefined> {
    return (await this.#redis.get(this.#key("id", id))) ?? undefined;
  }

  async cancel(id: string): Promise<void> {
    await this.#redis.set(this.#key("cancelled", id), "1", "PX", KEEP_MS);
  }

  async isCancelled(id: string): Promise<boolean> {
    return (await this.#redis.exists(this.#key("cancelled", id))) === 1;
  }

  #key(what: "newest" | "running" | "last" | "id" | "cancelled", name: string): string {
    return `${this.#prefix}${what}:${name}`;
  }
}

/** Undefined for what Redis has not. */
function parse(text: unknown): unknown {
  return typeof text === "string" ? JSON.parse(text) : undefined;
}
