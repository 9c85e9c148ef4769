/** What the nodes' windows let go of: deleted from the Redis Stream, and remembered as lost for nodes that start later. */
import type { Redis } from "ioredis";
import { cursorTime, parseTopic, type Cursor, type Topic } from "push-protocol";
import type { Forgotten } from "../log.ts";
import { errorFields, type Logger } from "../logger.ts";

export interface RedisLossesOptions {
  readonly redis: Redis;
  readonly key: string;
  readonly delayMs: number;
  readonly logger: Logger;
}

/** A topic's messages up to this position are gone; without a topic, those of any. */
export interface Loss {
  readonly topic: Topic | undefined;
  readonly upTo: Cursor;
}

/** Stands for all topics in the sorted set; no topic looks like it. */
const ANY_TOPIC = "*";
const MAX_TOPICS = 50_000;
const CHUNK = 500;
/** Beyond these, waiting for slower nodes would take too much of Redis. */
const MAX_WAITING = 200_000;

/** Deletes records and raises topics' losses; beyond its bound the least of these become everybody's. */
const FORGET = `
local deletions = tonumber(ARGV[1])
if deletions > 0 then redis.call('XDEL', KEYS[1], unpack(ARGV, 3, 2 + deletions)) end
if #ARGV > 2 + deletions then redis.call('ZADD', KEYS[2], 'GT', unpack(ARGV, 3 + deletions)) end
local over = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[2])
if over > 0 then
  local highest = redis.call('ZRANGE', KEYS[2], over - 1, over - 1, 'WITHSCORES')[2]
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, over - 1)
  redis.call('ZADD', KEYS[2], 'GT', highest, '${ANY_TOPIC}')
end
`;

export class RedisLosses {
  readonly #options: RedisLossesOptions;
  #waiting: { readonly since: number; readonly forgotten: Forgotten }[] = [];
  #waitingCount = 0;
  readonly #timer: NodeJS.Timeout;
  #flushing = false;

  constructor(options: RedisLossesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#flush(), Math.max(50, options.delayMs / 10)).unref();
  }

  add(forgotten: Forgotten): void {
    this.#waiting.push({ since: Date.now(), forgotten });
    this.#waitingCount += forgotten.cursors.length;
  }

  async read(): Promise<readonly Loss[]> {
    const { redis, key } = this.#options;
    const members = await redis.zrange(`${key}:lost`, "0", "-1", "WITHSCORES");
    const losses: Loss[] = [];
    for (let i = 0; i < members.length; i += 2) {
      const name = members[i] ?? ANY_TOPIC;
      losses.push({
        topic: name === ANY_TOPIC ? undefined : parseTopic(name),
        upTo: fromScore(Number(members[i + 1])),
      });
    }
    return losses;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** What could not be deleted now is, by the next node that reads it and lets go of it. */
  async #flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      const due = Date.now() - this.#options.delayMs;
      for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
        if (next.since > due && this.#waitingCount <= MAX_WAITING) break;
        this.#waiting.shift();
        this.#waitingCount -= next.forgotten.cursors.length;
        await this.#forget(next.forgotten);
      }
    } catch (error) {
      this.#options.logger.warn(errorFields(error), "Redis did not let go of old messages.");
    } finally {
      this.#flushing = false;
    }
  }

  async #forget({ cursors, lost, floor }: Forgotten): Promise<void> {
    const { redis, key } = this.#options;
    const scores: (number | string)[] = [...lost].flatMap(([topic, upTo]) => [toScore(upTo), topic]);
    if (cursorTime(floor) > 0) scores.push(toScore(floor), ANY_TOPIC);
    for (let i = 0; i < Math.max(cursors.length, scores.length / 2); i += CHUNK) {
      const deletions = cursors.slice(i, i + CHUNK);
      const losses = scores.slice(i * 2, (i + CHUNK) * 2);
      const values = [deletions.length, MAX_TOPICS, ...deletions, ...losses];
      await redis.eval(FORGET, 2, key, `${key}:lost`, ...values);
    }
  }
}

/** A double holds the milliseconds and twelve bits of the sequence exactly, until 2039; later sequences round up. */
const SEQUENCES = 4096;

function toScore(cursor: Cursor): number {
  const sequence = Number(cursor.slice(cursor.indexOf("-") + 1));
  return cursorTime(cursor) * SEQUENCES + Math.min(sequence, SEQUENCES);
}

function fromScore(score: number): Cursor {
  return `${Math.floor(score / SEQUENCES)}-${score % SEQUENCES}`;
}
