/** Drives load/wsload.c, the load generator: compiles it, pins it to the last core, speaks its line protocol. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  /** wsload's name of the protocol. */
  readonly protocol: "ws" | "sockjs" | "xhrs" | "es" | "xhr";
  readonly path: string;
  /** `Name: value`; `%d` is the index of the connection. */
  readonly headers?: readonly string[];
  /** The frame sent after SockJS's open frame, in SockJS's array framing. */
  readonly hello?: string;
}

export interface LoadStats {
  readonly count: number;
  readonly bytes: number;
  readonly dead: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  readonly span_ms: number;
  readonly tag: string;
}

export interface ConnectStats {
  readonly connect_ms: number;
  readonly conn_per_s: number;
  readonly dead: number;
}

/** The core that the load generator has for itself; the server under test gets core 0. */
const LOAD_CORE = cpus().length - 1;

export class LoadGenerator {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly connected: Promise<ConnectStats>;

  constructor(options: LoadOptions) {
    const args = [
      "--proto",
      options.protocol,
      "--n",
      String(options.connections),
      "--port",
      String(options.port),
    ];
    args.push("--path", options.path, "--origin", `http://127.0.0.1:${options.port}`);
    for (const header of options.headers ?? []) args.push("--header", header);
    if (options.hello !== undefined) args.push("--hello", options.hello);
    this.#child = spawn("taskset", ["-c", String(LOAD_CORE), compile(), ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (!this.#child.stdout) throw new Error("The load generator has no output.");
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    this.connected = this.#read<ConnectStats>();
  }

  async reset(): Promise<void> {
    await this.#ask("reset");
  }

  /** Waits until `count` messages have arrived on all connections together, or for `timeoutMs`. */
  async wait(count: number, timeoutMs: number): Promise<LoadStats> {
    return await this.#ask<LoadStats>(`wait ${count} ${timeoutMs}`);
  }

  close(): void {
    this.#reader.close();
    this.#child.kill("SIGKILL");
  }

  async #ask<T>(command: string): Promise<T> {
    this.#child.stdin?.write(`${command}\n`);
    return await this.#read<T>();
  }

  async #read<T>(): Promise<T> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("The load generator ended: see its message above.");
    return JSON.parse(line.value) as T;
  }
}

/** Compiles the generator unless that has been done; gcc is in Debian's package `gcc`. */
function compile(): string {
  const source = new URL("../../load/wsload.c", import.meta.url).pathname;
  const folder = join(tmpdir(), "pat-push-bench");
  mkdirSync(folder, { recursive: true });
  const program = join(folder, `wsload-${Math.floor(statSync(source).mtimeMs)}`);
  if (statSync(program, { throwIfNoEntry: false }) === undefined) {
    execFileSync("gcc", ["-O2", "-o", program, source], { stdio: "inherit" });
  }
  return program;
}
