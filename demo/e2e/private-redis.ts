/** A redis-server for one test run, on a free port, that leaves nothing on the disk. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PROGRAM = "/usr/bin/redis-server";

export interface PrivateRedis {
  readonly url: string;
  close(): Promise<void>;
}

export async function startRedis(): Promise<PrivateRedis> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: apt-get install redis-server`);
  const folder = await mkdtemp(join(tmpdir(), "demo-redis-"));
  const port = await freePort();
  const redis = spawn(
    PROGRAM,
    ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes"],
    {
      stdio: "ignore",
    },
  );
  const ended = once(redis, "exit");
  const close = async () => {
    redis.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilItListens(port, () => redis.exitCode === null);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `redis://127.0.0.1:${port}`, close };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("There is no free port.");
}

async function untilItListens(port: number, alive: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200 && alive(); attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const listens = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (listens) return;
    await sleep(25);
  }
  throw new Error("redis-server did not start.");
}
