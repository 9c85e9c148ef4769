/** The worker's queue as Redis shows it, for the status page of a push server that hosts no worker. */
import type { Redis } from "ioredis";
import type { QueueState } from "../status/checks/queue-check.ts";
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
    };
  });
}

/** Each worker names its connection after the queue, as BullMQ's own getWorkers looks for them. */
async function countWorkers(redis: Redis, name: string): Promise<number> {
  const clients = String(await redis.client("LIST")).split("\n");
  return clients.filter((client) => client.includes(` name=${name}`)).length;
}
