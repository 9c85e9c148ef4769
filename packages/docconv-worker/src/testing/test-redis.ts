/** For tests: a private redis-server on a free port, gone with the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

/** A running redis-server. */
export interface TestRedis {
  readonly url: string;
  /** A connection as the package makes its own; closed with the server. */
  connect(): Redis;
  /** Every byte that was ever written to the server: its append-only file. */
  written(): Promise<string>;
  /** Its whole content as it dumps it: an RDB file, not compressed. */
  dumped(): Promise<string>;
  close(): Promise<void>;
}

/** @throws Error if redis-server is not installed */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), "docconv-redis-"));
  const args = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--dir",
    directory,
    "--save",
    "",
    "--rdbcompression",
    "no",
  ];
  const server = spawn("redis-server", [...args, "--appendonly", "yes", "--maxmemory-policy", "noeviction"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await ready(server);
  const connections: Redis[] = [];
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    connect() {
      const redis = new Redis(url, { maxRetriesPerRequest: null });
      connections.push(redis);
      return redis;
    },
    async written() {
      const names = await readdir(join(directory, "appendonlydir"));
      const files = await Promise.all(
        names.map((name) => readFile(join(directory, "appendonlydir", name), "latin1")),
      );
      return files.join("\n");
    },
    async dumped() {
      const redis = new Redis(url);
      await redis.save();
      redis.disconnect();
      return readFile(join(directory, "dump.rdb"), "latin1");
    },
    async close() {
      for (const redis of connections) redis.disconnect();
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function ready(server: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(new Error("redis-server is missing: apt-get install redis-server.")));
    server.once("exit", (code) => reject(new Error(`redis-server ended with ${code}.`)));
    let output = "";
    server.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("Ready to accept connections")) resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
