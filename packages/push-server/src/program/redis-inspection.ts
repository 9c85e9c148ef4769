/** A short look at the Redis that holds the message log: whether it answers, and whether it would lose the log. */
import { Redis } from "ioredis";

export interface RedisInspection {
  readonly version: string;
  /** Of one question and its answer, in milliseconds. */
  readonly roundTripMs: number;
  readonly usedBytes: number;
  /** Records in the stream. */
  readonly records: number;
  /** Sentences, each with its remedy: settings under which messages could be lost. */
  readonly warnings: readonly string[];
}

const PATIENCE_MS = 3000;
const STREAM = "push:log";

/** @throws Error of the driver; its text may name the host */
export async function inspectRedis(url: string): Promise<RedisInspection> {
  return await withRedis(url, async (redis) => {
    const asked = performance.now();
    await redis.ping();
    const roundTripMs = performance.now() - asked;
    const facts = parseInfo(await redis.info());
    return {
      version: facts.get("redis_version") ?? "unknown",
      roundTripMs,
      usedBytes: Number(facts.get("used_memory") ?? 0),
      records: await redis.xlen(STREAM),
      warnings: warningsOf(facts),
    };
  });
}

/** Connects, asks, and hangs up. */
export async function withRedis<Answer>(
  url: string,
  ask: (redis: Redis) => Promise<Answer>,
): Promise<Answer> {
  const redis = new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    connectionName: "push-server status",
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on("error", () => undefined); // what fails is thrown by what is asked
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\r\n").flatMap((line) => {
      const [, name, value] = /^([^#:]+):(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function warningsOf(facts: ReadonlyMap<string, string>): readonly string[] {
  const warnings: string[] = [];
  const policy = facts.get("maxmemory_policy") ?? "noeviction";
  // The log has no time to live, so that volatile-* leaves it alone.
  if (policy.startsWith("allkeys")) {
    warnings.push(
      `Redis throws keys away when its memory is full (maxmemory-policy ${policy}), and the message log could be one: set noeviction.`,
    );
  }
  if (facts.get("aof_enabled") === "0") {
    warnings.push(
      "Redis does not write each change to disk (appendonly no): its restart loses messages, and pages are told so. Set appendonly yes.",
    );
  }
  return warnings;
}
