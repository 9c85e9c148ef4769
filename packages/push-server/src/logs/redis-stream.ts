/** The message log as a Redis Stream: any number of nodes follow it, and anybody may XADD to it. */
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { compareCursors, CURSOR_START, parseCursor, type Cursor } from "push-protocol";
import type { Forgotten, LogFollower, LogRecord, LogState, MessageLog, NewLogRecord } from "../log.ts";
import { errorFields, silentLogger, type Logger } from "../logger.ts";
import { RedisContinuity } from "./redis-continuity.ts";
import { RedisLosses } from "./redis-losses.ts";
import { describeTrouble } from "./redis-trouble.ts";
import { RedisWriter } from "./redis-writer.ts";

export interface RedisStreamLogOptions {
  /** As in `redis://user:password@host:6379/0`. */
  readonly url: string;
  /** The stream. What belongs to it has keys that begin with this and a colon. Default: `push:log`. */
  readonly key?: string;
  /** How long publishing waits for Redis before it fails. Default: 5000. */
  readonly publishTimeoutMs?: number;
  /** How long records that no window holds stay in Redis, for nodes that have not read them. Default: 60,000. */
  readonly forgetDelayMs?: number;
  /** How long one XREAD waits; a Redis that is silent for a second longer is taken for dead. Default: 5000. */
  readonly blockMs?: number;
  readonly logger?: Logger;
}

/** Records of one XREAD: large enough for floods, small enough not to hold up everything else. */
const READ_COUNT = 1000;
const MAX_RECONNECT_DELAY_MS = 1000;
/** A Redis that says nothing for so long when it should is taken for dead, and connected to anew. */
const SILENCE_MS = 1000;
/** How often it is looked whether somebody took messages from the stream. */
const LOOK_MS = 5000;

type StreamReply = readonly (readonly [string, readonly (readonly [string, readonly string[]])[]])[] | null;

export class RedisStreamLog implements MessageLog {
  readonly #key: string;
  readonly #blockMs: number;
  readonly #logger: Logger;
  readonly #writer: Redis;
  readonly #reader: Redis;
  readonly #publishing: RedisWriter;
  readonly #losses: RedisLosses;
  readonly #continuity: RedisContinuity;
  readonly #closing = new AbortController();
  #last: Cursor = CURSOR_START;
  /** The same as Redis writes it. */
  #position: string = CURSOR_START;
  #lookAt = 0;
  #synchronised = false;
  #reading: Promise<void> | undefined;
  #trouble: string | undefined = "Redis has not answered yet.";

  constructor(options: RedisStreamLogOptions) {
    this.#key = options.key ?? "push:log";
    this.#blockMs = options.blockMs ?? 5000;
    this.#logger = options.logger ?? silentLogger;
    const { publishTimeoutMs = 5000 } = options;
    const common = {
      retryStrategy: (times: number) => Math.min(times * 50, MAX_RECONNECT_DELAY_MS),
      connectTimeout: 5000,
      protocol: 2 as const, // the reply shapes that every Redis and Valkey has
      // After a failover the name leads to another server: connect again, and send the command there.
      reconnectOnError: (error: Error) => (error.message.startsWith("READONLY") ? 2 : false),
    };
    this.#writer = new Redis(options.url, {
      ...common,
      connectionName: "push-server publishing",
      socketTimeout: SILENCE_MS,
      commandTimeout: publishTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: null, // sent again on the next connection, until commandTimeout
      enableAutoPipelining: true,
    });
    this.#reader = new Redis(options.url, {
      ...common,
      connectionName: "push-server reading",
      socketTimeout: this.#blockMs + SILENCE_MS,
      maxRetriesPerRequest: 0, // a broken read is begun anew, from the last record
    });
    this.#publishing = new RedisWriter({
      redis: this.#writer,
      key: this.#key,
      timeoutMs: publishTimeoutMs,
      signal: this.#closing.signal,
    });
    this.#continuity = new RedisContinuity(this.#reader, this.#key);
    this.#losses = new RedisLosses({
      redis: this.#writer,
      key: this.#key,
      delayMs: options.forgetDelayMs ?? 60_000,
      logger: this.#logger,
    });
    for (const redis of [this.#writer, this.#reader]) redis.on("error", (error) => this.#failed(error));
    this.#writer.on("ready", () => this.#recovered());
  }

  async append(record: NewLogRecord): Promise<Cursor> {
    return await this.#publishing.append(record);
  }

  now(): number {
    return Date.now() + this.#continuity.clockAheadMs;
  }

  async follow(follower: LogFollower): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#reading = this.#read(follower, resolve);
    });
  }

  forget(forgotten: Forgotten): void {
    this.#losses.add(forgotten);
  }

  state(): LogState {
    const ok = this.#trouble === undefined;
    return {
      driver: "redis",
      ok,
      detail: this.#trouble ?? "Redis answers, and its stream is followed.",
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#losses.close();
    // ioredis never settles what waits for a connection that is given up between two attempts.
    const [reading, writing] = [this.#reader, this.#writer].map(({ status }) => status === "ready");
    this.#reader.disconnect();
    if (reading) await this.#reading;
    if (writing) await this.#writer.quit().catch(() => undefined);
    this.#writer.disconnect();
  }

  async #read(follower: LogFollower, caughtUp: () => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (!this.#synchronised) {
          await this.#synchronise(follower);
          await this.#readRetained(follower);
          this.#synchronised = true;
          this.#recovered();
          caughtUp();
        }
        if (performance.now() >= this.#lookAt) await this.#look(follower);
        await this.#readNext(follower, ["BLOCK", this.#blockMs]);
      } catch (error) {
        this.#synchronised = false;
        if (signal.aborted) break;
        this.#failed(error);
        await delay(100, undefined, { signal }).catch(() => undefined);
      }
    }
    caughtUp();
  }

  /** Finds out what is missing before the next record: at the start, and after every break of the connection. */
  async #synchronise(follower: LogFollower): Promise<void> {
    const starting = this.#last === CURSOR_START;
    const told = (await this.#look(follower)) ?? this.#last;
    for (const { topic, upTo } of await this.#losses.read(this.#reader, starting)) {
      if (compareCursors(upTo, told) > 0) follower.gap(upTo, topic);
    }
  }

  async #look(follower: LogFollower): Promise<Cursor | undefined> {
    const upTo = await this.#continuity.look(this.#last);
    this.#lookAt = performance.now() + LOOK_MS;
    if (upTo === undefined) return undefined;
    if (this.#last !== CURSOR_START) {
      this.#logger.error({}, "Redis has lost messages: browsers are told that some may be missing.");
    }
    follower.gap(upTo);
    return upTo;
  }

  async #readRetained(follower: LogFollower): Promise<void> {
    while ((await this.#readNext(follower, [])) === READ_COUNT && !this.#closing.signal.aborted) {
      await delay(0); // others get their turn between batches
    }
  }

  /** Hands the next records over; returns how many. */
  async #readNext(follower: LogFollower, wait: readonly (string | number)[]): Promise<number> {
    const reply = (await this.#reader.call(
      "XREAD",
      "COUNT",
      READ_COUNT,
      ...wait,
      "STREAMS",
      this.#key,
      this.#position,
    )) as StreamReply;
    const entries = reply?.[0]?.[1] ?? [];
    const last = entries.at(-1);
    if (!last) return 0;
    this.#position = last[0];
    this.#continuity.read(entries.length);
    const records = entries.flatMap(([id, fields]) => this.#readRecord(id, fields));
    this.#last = records.at(-1)?.cursor ?? this.#last;
    follower.records(records);
    return entries.length;
  }

  /** None if somebody chose an id that is no cursor: a message that nobody could say they have. */
  #readRecord(id: string, fields: readonly string[]): readonly LogRecord[] {
    try {
      return [readRecord(parseCursor(id), fields)];
    } catch {
      this.#logger.error(
        { id },
        "A record of the message log has an id that is no position; let Redis choose it: XADD push:log *.",
      );
      return [];
    }
  }

  #failed(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const detail = describeTrouble(error, this.#key);
    const sentence = detail.startsWith("Redis refuses") ? "Redis refuses." : "Redis does not answer.";
    if (this.#trouble !== detail) this.#logger.error({ ...errorFields(error), detail }, sentence);
    this.#trouble = detail;
  }

  /** Both connections have to be well. */
  #recovered(): void {
    if (!this.#synchronised || this.#writer.status !== "ready") return;
    if (this.#trouble !== undefined) this.#logger.info({}, "Redis answers; its stream is followed.");
    this.#trouble = undefined;
  }
}

function readRecord(cursor: Cursor, fields: readonly string[]): LogRecord {
  const record = { cursor, to: "", message: undefined, control: undefined } as {
    -readonly [K in keyof LogRecord]: LogRecord[K];
  };
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i];
    if (name === "to" || name === "message" || name === "control") record[name] = fields[i + 1] ?? "";
  }
  return record;
}
