/** Sealed credentials on Redis, where every process of the worker finds them. */
import type { Redis } from "ioredis";
import type { CredentialStore } from "../credential-store.ts";

/** Keeps sealed credentials as `<prefix>credential:<id>`, each with its expiry. The connection stays the caller's. */
export class RedisCredentialStore implements CredentialStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = `${prefix}credential:`;
  }

  async set(id: string, sealed: string, ttlMs: number): Promise<void> {
    await this.#redis.set(this.#prefix + id, sealed, "PX", ttlMs);
  }

  async get(id: string): Promise<string | undefined> {
    return (await this.#redis.get(this.#prefix + id)) ?? undefined;
  }

  async delete(id: string): Promise<void> {
    await this.#redis.del(this.#prefix + id);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }
}
