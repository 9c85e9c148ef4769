import { expect, it } from "vitest";
import { redisLosses } from "./redis-durability.ts";
import { startRedis } from "./testing/test-redis.ts";

it("says what would make Redis lose acknowledged jobs", async () => {
  const server = await startRedis();
  try {
    const redis = server.connect();
    expect(await redisLosses(redis)).toEqual([]);
    await redis.config("SET", "appendonly", "no");
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    expect(await redisLosses(redis)).toEqual([
      "Redis loses acknowledged jobs when it is killed: set `appendonly yes`",
      "Redis throws jobs away when memory is short (allkeys-lru): set `maxmemory-policy noeviction`",
    ]);
  } finally {
    await server.close();
  }
});
