/** The worker's queue as Redis shows it, for the status page of a push server that hosts no worker. */
import type { Redis } from "ioredis";
import { SHOWN_FAILURES, type JobFailure, type QueueState } from "../status/checks/queue-check.ts";
import { withRedis } from "./redis-inspection.ts";

/** BullMQ's keys: lists of ids, sorted sets of ids (its src/classes/queue-keys.ts). */
const LISTS = ["wait", "active"] as const;
const SETS = ["delayed", "prioritized", "completed", "failed"] as const;

/** @param prefix of docconv-worker's keys. Undefined: there is no queue in this Redis. */
export async function readRedisQueue(url: string, prefix: string): Promise<QueueState | undefined> {
  return await withRedis(url, async (redis) => {
    const queue = `${prefix}bull:jobs:`;
    if ((await redis.exists(`${queue}meta`)) === 0) return undefined;
    const [waiting, active] = await Promise.all(LISTS.map((name) => redis.llen(queue + name)));
    const [delayed, prioritized, completed, failed] = await Promise.all(
      SETS.map((name) => redis.zcard(queue + name)),
    );
    return {
      delayed: delayed ?? 0,
      waiting: (waiting ?? 0) + (prioritized ?? 0),
      active: active ?? 0,
      completed: completed ?? 0,
      failed: failed ?? 0,
      workers: await countWorkers(redis, `${prefix}bull:`),
      failures: await readFailures(redis, queue),
    };
  });
}

/** Each worker names its connection after the queue, as BullMQ's own getWorkers looks for them. */
async function countWorkers(redis: Redis, name: string): Promise<number> {
  const clients = String(await redis.client("LIST")).split("\n");
  return clients.filter((client) => client.includes(` name=${name}`)).length;
}

async function readFailures(redis: Redis, queue: string): Promise<readonly JobFailure[]> {
  const ids = await redis.zrevrange(`${queue}failed`, 0, SHOWN_FAILURES - 1);
  return await Promise.all(
    ids.map(async (id) => {
      const [kind, reason] = await redis.hmget(queue + id, "name", "failedReason");
      return { id, kind: kind ?? "job", reason: readReason(reason ?? "unknown") };
    }),
  );
}

/** What docconv-worker writes is JSON with a `text`; what BullMQ writes, about stalled jobs, is a sentence. */
function readReason(reason: string): string {
  try {
    const { text } = JSON.parse(reason) as { text?: unknown };
    return typeof text === "string" ? text : reason;
  } catch {
    return reason;
  }
}
