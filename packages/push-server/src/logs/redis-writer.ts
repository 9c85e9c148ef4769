/** The way into the Redis Stream: waits for Redis as long as a publisher may, and holds no more than a bound meanwhile. */
import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { parseCursor, type Cursor } from "push-protocol";
import type { NewLogRecord } from "../log.ts";
import { PublishError } from "../publisher.ts";

export interface RedisWriterOptions {
  /** Without an offline queue: what a publisher gave up would stay in it, and fill the memory while Redis is away. */
  readonly redis: Redis;
  /** The stream. */
  readonly key: string;
  /** How long an append waits for Redis before it fails. */
  readonly timeoutMs: number;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/** Of all that waits for Redis to come back; one more is refused at once. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const RETRY_MS = 10;

export class RedisWriter {
  readonly #options: RedisWriterOptions;
  #ready: Promise<void> | undefined;
  #waitingBytes = 0;

  constructor(options: RedisWriterOptions) {
    this.#options = options;
  }

  /** @throws PublishError `log-unavailable` */
  async append(record: NewLogRecord): Promise<Cursor> {
    const { redis, key, timeoutMs } = this.#options;
    const content =
      record.control === undefined ? ["message", record.message] : ["control", record.control, "message", ""];
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        if (redis.status !== "ready") await this.#wait(record, deadline - performance.now());
        return parseCursor(await redis.xadd(key, "*", "to", record.to, ...content));
      } catch (error) {
        if (!wasNotSent(error) || performance.now() > deadline) throw unavailable(error);
        await delay(RETRY_MS);
      }
    }
  }

  async #wait({ to, message = "" }: NewLogRecord, timeoutMs: number): Promise<void> {
    const bytes = to.length + message.length;
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) throw new Error("Too much waits for Redis already.");
    this.#waitingBytes += bytes;
    const { signal } = this.#options;
    const waiting = new AbortController();
    const patience = delay(timeoutMs, undefined, { signal: AbortSignal.any([signal, waiting.signal]) });
    try {
      const isReady = await Promise.race([this.#becomesReady(), patience.then(() => false)]);
      if (!isReady) throw new Error("Redis did not come back in time.");
    } finally {
      waiting.abort();
      patience.catch(() => undefined);
      this.#waitingBytes -= bytes;
    }
  }

  /** One for all that wait. */
  async #becomesReady(): Promise<true> {
    this.#ready ??= new Promise<void>((resolve) => {
      this.#options.redis.once("ready", resolve);
    }).finally(() => {
      this.#ready = undefined;
    });
    await this.#ready;
    return true;
  }
}

/** The connection broke before the record was on it: ioredis without an offline queue says so. */
function wasNotSent(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable");
}

function unavailable(cause: unknown): PublishError {
  const text =
    "Redis did not take the message: see the server's /readyz, and publish it again with the same id.";
  return new PublishError("log-unavailable", text, true, { cause });
}
