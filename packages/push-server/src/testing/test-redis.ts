/** A private redis-server in a folder of its own, on a free port, ended by its process id. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { freePort } from "./free-port.ts";

export class TestRedis {
  readonly #folder: string;
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  static async start(): Promise<TestRedis> {
    const folder = await mkdtemp(join(tmpdir(), "push-redis-"));
    const redis = new TestRedis(folder, await freePort());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, again if need be, with what it had on disk. */
  async start(): Promise<void> {
    const options = ["--port", this.port, "--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""];
    const durable = ["--appendonly", "yes", "--appendfsync", "always"];
    const process = spawn("redis-server", [...options, ...durable].map(String), { stdio: "ignore" });
    this.#process = process;
    const failed = once(process, "error").then(([error]: unknown[]) => {
      throw new Error("redis-server does not start: install Debian's redis-server.", { cause: error });
    });
    await Promise.race([failed, this.#answers()]);
  }

  /** Ends it; SIGTERM lets it write to disk first. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (!process || process.exitCode !== null) return;
    const exited = once(process, "exit");
    process.kill("SIGCONT");
    process.kill(signal);
    await exited;
  }

  /** Puts aside what is on disk, for {@link restore}. */
  async save(): Promise<void> {
    await cp(join(this.#folder, "appendonlydir"), join(this.#folder, "saved"), { recursive: true });
  }

  /** Comes back with what was put aside, as after a crash between two writes to disk. */
  async restore(): Promise<void> {
    await this.stop("SIGKILL");
    await this.wipe();
    await cp(join(this.#folder, "saved"), join(this.#folder, "appendonlydir"), { recursive: true });
    await this.start();
  }

  /** Somebody else at the same Redis. */
  client(): Redis {
    const client = new Redis(this.url, { protocol: 2, retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on("error", () => undefined);
    onTestFinished(() => client.disconnect());
    return client;
  }

  /** Stops answering without going away, or goes on. */
  pause(paused: boolean): void {
    this.#process?.kill(paused ? "SIGSTOP" : "SIGCONT");
  }

  /** Forgets what is on disk. To be called while it is stopped. */
  async wipe(): Promise<void> {
    await rm(join(this.#folder, "appendonlydir"), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.stop("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    const client = new Redis(this.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on("error", () => undefined);
    await client.ping();
    client.disconnect();
  }
}
