/** Drives load/clients.c, the browsers of a benchmark: compiles it, gives it the load's core, speaks its line protocol. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { LOAD_CORE } from "./cores.ts";

export interface ClientsOptions {
  /** Where they connect to; to the next one when they are sent away, or refused. */
  readonly ports: readonly number[];
  readonly count: number;
  readonly path: string;
  /** SockJS's framing over a WebSocket. Default: none. */
  readonly sockJs?: boolean;
  /** Whether they speak PROTOCOL.md: a hello after the open frame, and their cursor when they come back. */
  readonly hello?: boolean;
  /** `Name: value` of a request header; `%d` is the index of the client. */
  readonly header?: string;
  /** A file with such a line for each client, instead. */
  readonly headersFile?: string;
  /** Whether they connect again when they lost their connection. Default: no. */
  readonly returning?: boolean;
  /** Messages with a number below this are kept account of. Default: none. */
  readonly messages?: number;
}

/** Since the last reset; milliseconds. `replay`: what was missed, from the return of the network on. */
export interface ClientsStats {
  readonly count: number;
  readonly ready: number;
  readonly lost: number;
  readonly refused: number;
  readonly repeated: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  /** From the first message to the last. */
  readonly span_ms: number;
  readonly since_reset_ms: number;
  readonly returned: number;
  readonly unrecovered: number;
  readonly back_p99_ms: number;
  readonly back_max_ms: number;
  readonly replayed: number;
  readonly replay_p50_ms: number;
  readonly replay_p99_ms: number;
  readonly replay_max_ms: number;
  readonly closed_4008: number;
  readonly closed_4012: number;
  readonly closed_other: number;
}

const CONNECT_TIMEOUT_MS = 180_000;

export class Clients {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  /** How many connected in a second. */
  readonly connected: Promise<{ readonly per_s: number; readonly connect_ms: number }>;

  constructor(options: ClientsOptions) {
    const args = ["--n", options.count, "--ports", options.ports.join(","), "--path", options.path];
    args.push("--sockjs", options.sockJs ? 1 : 0, "--hello", options.hello ? 1 : 0);
    args.push("--returning", options.returning ? 1 : 0, "--messages", options.messages ?? 0);
    if (options.header !== undefined) args.push("--header", options.header);
    if (options.headersFile !== undefined) args.push("--headers", options.headersFile);
    this.#child = spawn("taskset", ["-c", String(LOAD_CORE), compile(), ...args.map(String)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (!this.#child.stdout) throw new Error("The load has no output.");
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    const tooLong = setTimeout(() => this.close(), CONNECT_TIMEOUT_MS);
    this.connected = this.#read<{ per_s: number; connect_ms: number }>().finally(() => clearTimeout(tooLong));
  }

  async reset(): Promise<void> {
    await this.#ask("reset");
  }

  async stats(): Promise<ClientsStats> {
    return await this.#ask("stats");
  }

  /** When `count` messages have arrived on all connections together, or after `timeoutMs`. */
  async wait(count: number, timeoutMs: number): Promise<ClientsStats> {
    return await this.#ask(`wait ${count} ${timeoutMs}`);
  }

  /** When all are connected, or after `timeoutMs`. */
  async allReady(timeoutMs: number): Promise<ClientsStats> {
    return await this.#ask(`all-ready ${timeoutMs}`);
  }

  /** Of the messages [0, to): which did not arrive. Every `everyAll`th went to all, number n else to client n % count. */
  async missing(to: number, everyAll: number): Promise<number> {
    return (await this.#ask<{ missing: number }>(`missing 0 ${to} ${everyAll}`)).missing;
  }

  /** All lose their network, for so long. */
  async drop(downMs: number): Promise<void> {
    await this.#ask(`drop ${downMs}`);
  }

  /** Each loses its network once in every period, at a time of its own, for so long; 0: no more. */
  async jitter(periodMs: number, downMs: number): Promise<void> {
    await this.#ask(`jitter ${periodMs} ${downMs}`);
  }

  /** Nobody reads any more, until `resume`. */
  async stall(): Promise<void> {
    await this.#ask("stall");
  }

  async resume(): Promise<void> {
    await this.#ask("resume");
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
    if (line.done === true) throw new Error("The load ended, or could not connect in time.");
    return JSON.parse(line.value) as T;
  }
}

/** Compiles the load unless that has been done; gcc is in Debian's package `gcc`. */
function compile(): string {
  const sources = new URL("../../load/", import.meta.url).pathname;
  const files = readdirSync(sources).map((name) => join(sources, name));
  const changed = Math.max(...files.map((file) => Math.floor(statSync(file).mtimeMs)));
  const folder = join(tmpdir(), "pat-push-bench");
  mkdirSync(folder, { recursive: true });
  const program = join(folder, `clients-${changed}`);
  if (statSync(program, { throwIfNoEntry: false }) === undefined) {
    const units = files.filter((file) => file.endsWith(".c"));
    execFileSync("gcc", ["-O2", "-Wall", "-o", program, ...units], { stdio: "inherit" });
  }
  return program;
}
