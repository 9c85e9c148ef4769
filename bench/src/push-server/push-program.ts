/** The push server as it is run: `push-server` in a process of its own, on the server's core. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { SERVER_CORE } from "./cores.ts";
import { freePort } from "./private-redis.ts";

export interface PushProgram {
  readonly port: number;
  readonly pid: number;
  /** Sends SIGTERM; resolves with what it ended with. */
  terminate(): Promise<number | null>;
  kill(): void;
}

const STARTS_WITHIN_MS = 30_000;

/**
 * @param settings flags of the program, as in `--redis-url`
 * @param nodeFlags of Node
 */
export async function startPushProgram(
  settings: Readonly<Record<string, string | number>>,
  nodeFlags: readonly string[] = [],
): Promise<PushProgram> {
  const port = await freePort();
  const cli = new URL("../../../packages/push-server/src/cli.ts", import.meta.url).pathname;
  const flags = Object.entries({ "--port": port, "--log-level": "warn", ...settings }).flatMap(
    ([name, value]) => [name, String(value)],
  );
  const node = ["-c", String(SERVER_CORE), process.execPath, "--conditions=push-source", ...nodeFlags];
  const child = spawn("taskset", [...node, cli, ...flags], { stdio: ["ignore", "ignore", "inherit"] });
  await ready(child, port);
  return {
    port,
    pid: child.pid ?? 0,
    async terminate() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      return code;
    },
    kill() {
      child.kill("SIGKILL");
    },
  };
}

async function ready(child: ChildProcess, port: number): Promise<void> {
  for (const deadline = performance.now() + STARTS_WITHIN_MS; ; await delay(100)) {
    const response = await fetch(`http://127.0.0.1:${port}/push/readyz`).catch(() => undefined);
    if (response?.ok) return;
    if (performance.now() < deadline && child.exitCode === null) continue;
    child.kill("SIGKILL");
    throw new Error("The push server did not start: see its message above.");
  }
}
