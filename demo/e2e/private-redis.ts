/** A redis-server for one test run, on a free port, that leaves nothing on the disk. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PROGRAM = "/usr/bin/redis-server";

export class PrivateRedis {
  readonly #port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.#port = port;
    this.#folder = folder;
  }

  static async create(): Promise<PrivateRedis> {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: apt-get install redis-server`);
    const redis = new PrivateRedis(await freePort(), await mkdtemp(join(tmpdir(), "demo-redis-")));
    await redis.start().catch(async (error: unknown) => {
      await redis.close();
      throw error;
    });
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** With what it had when it was stopped. */
  async start(): Promise<void> {
    const settings = { port: String(this.#port), bind: "127.0.0.1", dir: this.#folder, appendonly: "yes" };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const started = spawn(PROGRAM, flags, { stdio: "ignore" });
    this.#process = started;
    for (let attempt = 0; attempt < 200 && started.exitCode === null; attempt += 1) {
      if (await listens(this.#port)) return;
      await sleep(25);
    }
    throw new Error("redis-server did not start.");
  }

  async stop(): Promise<void> {
    if (this.#process?.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
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

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answered = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  return answered;
}
