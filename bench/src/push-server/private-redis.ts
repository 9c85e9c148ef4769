/** A Redis of a benchmark's own, with its default limits, nothing on disk, on the load's core. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { content } from "./content.ts";
import { LOAD_CORE } from "./cores.ts";

export interface PrivateRedis {
  readonly url: string;
  readonly redis: Redis;
  readonly close: () => Promise<void>;
}

export async function startPrivateRedis(): Promise<PrivateRedis> {
  const folder = await mkdtemp(join(tmpdir(), "pat-push-bench-redis-"));
  const port = await freePort();
  const args = ["--port", String(port), "--dir", folder, "--save", "", "--bind", "127.0.0.1"];
  const server = spawn("taskset", ["-c", String(LOAD_CORE), "redis-server", ...args], { stdio: "ignore" });
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis(url, { retryStrategy: () => 50, enableAutoPipelining: true });
  redis.on("error", () => undefined); // until it listens
  await redis.ping();
  return {
    url,
    redis,
    async close() {
      redis.disconnect();
      server.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One message to a topic, as anybody would publish it. */
export async function xadd(redis: Redis, to: string, bytes: number, number?: number): Promise<void> {
  await redis.xadd("push:log", "*", "to", to, "message", JSON.stringify({ html: content(bytes, number) }));
}

/** The same over pub/sub, for the peers. */
export async function publish(redis: Redis, channel: string, bytes: number, number?: number): Promise<void> {
  await redis.publish(channel, content(bytes, number));
}

/** Calls `send` with 0, 1, 2, ... at a steady rate; returns how often. */
export async function steadily(
  perSecond: number,
  seconds: number,
  send: (number: number) => Promise<unknown>,
): Promise<number> {
  const total = perSecond * seconds;
  const started = performance.now();
  const sent: Promise<unknown>[] = [];
  while (sent.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * perSecond) + 1);
    while (sent.length < due) sent.push(send(sent.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(sent);
  return total;
}

/** Calls `send` with 0, 1, 2, ... as fast as Redis takes them, a few hundred at once. */
export async function atFullSpeed(total: number, send: (number: number) => Promise<unknown>): Promise<void> {
  const AT_ONCE = 500;
  for (let sent = 0; sent < total; sent += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, total - sent) }, (_, i) => send(sent + i)));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
