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

/** Stand for all topics in the sorted set, for whoever follows the log, or begins to; no topic looks like them. */
export const ANY_TOPIC = "*";
export const ANY_TOPIC_AT_START = "**";
const MAX_TOPICS = 50_000;
const CHUNK = 500;
/** Beyond these, waiting for slower nodes would take too much of Redis. */
const MAX_WAITING = 200_000;

/** Deletes records and raises topics' losses; beyond its bound the least of these become everybody's. */
const FORGET = `
local deletions = tonumber(ARGV[1])
if deletions > 0 then
  local deleted = redis.call('XDEL', KEYS[1], unpack(ARGV, 3, 2 + deletions))
  redis.call('HINCRBY', KEYS[3], 'forgotten', deleted)
end
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

  /** @param redis the connection that reads the log. @param starting whether nothing was read of it yet */
  async read(redis: Redis, starting: boolean): Promise<readonly Loss[]> {
    const { key } = this.#options;
    const members = await redis.zrange(`${key}:lost`, "0", "-1", "WITHSCORES");
    const losses: Loss[] = [];
    for (let i = 0; i < members.length; i += 2) {
      const name = members[i] ?? ANY_TOPIC;
      if (name === ANY_TOPIC_AT_START && !starting) continue;
      const topic = name.startsWith(ANY_TOPIC) ? undefined : parseTopic(name);
      losses.push({ topic, upTo: fromScore(Number(members[i + 1])) });
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
    const scores: (number | string)[] = [...lost].flatMap(([topic, upTo]) => [toScore(upTo), topic]);
    if (cursorTime(floor) > 0) scores.push(toScore(floor), ANY_TOPIC);
    // The losses first: what is deleted is known to be missing, even if this breaks off in the middle.
    for (let i = 0; i < scores.length; i += CHUNK * 2) await this.#run([], scores.slice(i, i + CHUNK * 2));
    for (let i = 0; i < cursors.length; i += CHUNK) await this.#run(cursors.slice(i, i + CHUNK), []);
  }

  async #run(deletions: readonly Cursor[], scores: readonly (number | string)[]): Promise<void> {
    const { redis, key } = this.#options;
    const keys = [key, `${key}:lost`, `${key}:state`];
    await redis.eval(FORGET, keys.length, ...keys, deletions.length, MAX_TOPICS, ...deletions, ...scores);
  }
}

/** A double holds the milliseconds and twelve bits of the sequence exactly, until 2039; later sequences round up. */
const SEQUENCES = 4096;

/** The same in Redis: `score(id)`, and `parts(id)`. */
export const LUA_SCORE: string = `
local function parts(id)
  local ms, sequence = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(sequence)
end
local function score(id)
  local ms, sequence = parts(id)
  return ms * ${SEQUENCES} + math.min(sequence, ${SEQUENCES})
end`;

export function toScore(cursor: Cursor): number {
  const sequence = Number(cursor.slice(cursor.indexOf("-") + 1));
  return cursorTime(cursor) * SEQUENCES + Math.min(sequence, SEQUENCES);
}

function fromScore(score: number): Cursor {
  return `${Math.floor(score / SEQUENCES)}-${score % SEQUENCES}`;
}
