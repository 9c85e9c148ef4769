/** Whether Redis keeps what it has acknowledged: asked when the worker starts, and by `docconv-worker check`. */
import type { Redis } from "ioredis";

/** What would lose jobs that were acknowledged, a sentence each: what is the case, and what to set. */
export async function redisLosses(redis: Redis): Promise<readonly string[]> {
  // INFO, because hosted Redis often refuses CONFIG.
  const info = await redis.info();
  const value = (field: string): string | undefined => new RegExp(`^${field}:(\\S*)`, "m").exec(info)?.[1];
  const losses: string[] = [];
  if (value("aof_enabled") === "0") {
    losses.push("Redis loses acknowledged jobs when it is killed: set `appendonly yes`");
  }
  const policy = value("maxmemory_policy");
  if (policy !== undefined && policy !== "noeviction") {
    losses.push(
      `Redis throws jobs away when memory is short (${policy}): set \`maxmemory-policy noeviction\``,
    );
  }
  return losses;
}
