/** A Redis of a benchmark's own that can be killed and started again with what it has kept. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../push-server/private-redis.ts";

/** Linux's file system in memory: how slow a disk is at syncing is not what is measured. */
const MEMORY = "/dev/shm";

/** Redis, which is there or away. */
export class AppendOnlyRedis {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  readonly #appendOnly: "yes" | "no";
  #server: ChildProcess | undefined;

  private constructor(port: number, folder: string, appendOnly: "yes" | "no") {
    this.url = `redis://127.0.0.1:${port}`;
    this.#port = port;
    this.#folder = folder;
    this.#appendOnly = appendOnly;
  }

  /** With what the README asks for (`yes`), or as it is without (`no`). */
  static async start(appendOnly: "yes" | "no" = "yes"): Promise<AppendOnlyRedis> {
    const folder = await mkdtemp(join(MEMORY, "pat-push-bench-redis-"));
    const redis = new AppendOnlyRedis(await freePort(), folder, appendOnly);
    await redis.comeBack();
    return redis;
  }

  /** SIGKILL. */
  async die(): Promise<void> {
    if (!this.#server) return;
    const exited = once(this.#server, "exit");
    this.#server.kill("SIGKILL");
    await exited;
    this.#server = undefined;
  }

  /** Resolves when it answers. */
  async comeBack(): Promise<void> {
    const args = ["--port", String(this.#port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""];
    const how = ["--appendonly", this.#appendOnly, "--appendfsync", "everysec"];
    this.#server = spawn("redis-server", [...args, ...how], { stdio: "ignore" });
    const redis = new Redis(this.url, { retryStrategy: () => 10, maxRetriesPerRequest: null });
    redis.on("error", () => undefined); // until it listens
    while ((await redis.ping().catch(() => "LOADING")) !== "PONG") await new Promise(setImmediate);
    redis.disconnect();
  }

  async close(): Promise<void> {
    await this.die();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
