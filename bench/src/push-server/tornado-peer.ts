/** Tornado, in a Python environment made for it with pip: peers/tornado_peer.py, driven by lines of JSON. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SERVER_CORE } from "./cores.ts";
import { cpuMs, rssKb } from "./process-usage.ts";
import type { Broadcast, ServerUnderTest } from "./server-under-test.ts";

const TORNADO = "tornado==6.6.1";

export class TornadoPeer implements ServerUnderTest {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly port: number;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, port: number) {
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  static async start(): Promise<TornadoPeer> {
    const program = new URL("peers/tornado_peer.py", import.meta.url).pathname;
    const child = spawn("taskset", ["-c", String(SERVER_CORE), python(), program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const started = await lines.next();
    if (started.done === true) throw new Error("Tornado did not start: see its message above.");
    return new TornadoPeer(child, lines, (JSON.parse(started.value) as { port: number }).port);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async broadcast(broadcast: Broadcast): Promise<void> {
    await this.#ask({ do: "broadcast", apart: false, ...broadcast });
  }

  cpuMs(): number {
    return cpuMs(this.pid);
  }

  async rssKb(): Promise<number> {
    await this.#ask({ do: "collect" });
    return rssKb(this.pid);
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }

  async #ask(command: object): Promise<void> {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("Tornado ended: see its message above.");
  }
}

/** The interpreter of an environment that has Tornado. */
function python(): string {
  const folder = join(tmpdir(), "pat-push-bench", TORNADO);
  const interpreter = join(folder, "bin", "python");
  if (!existsSync(join(folder, "ready"))) {
    mkdirSync(folder, { recursive: true });
    execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
    execFileSync(interpreter, ["-m", "pip", "install", "--quiet", TORNADO], { stdio: "inherit" });
    mkdirSync(join(folder, "ready"));
  }
  return interpreter;
}
