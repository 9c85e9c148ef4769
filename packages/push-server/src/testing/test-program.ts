/* oxlint-disable node/no-process-env -- the child process has to find its programs */
/** The real program for tests: its CLI as a child process, with all that it writes. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import type { TestCms } from "./test-cms.ts";

const CLI = join(import.meta.dirname, "../cli.ts");

/** A line of its log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface TestProgramOptions {
  readonly cms?: TestCms;
  /** Default: any that is free. */
  readonly port?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** For the configuration of a program: how the test's CMS is asked. */
const ADAPTER = JSON.stringify({
  kind: "generic",
  url: "{site}/whoami",
  userId: "/id",
  groups: "/groups",
});

export class TestProgram {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly exited: Promise<number | null>;
  /** Everything on standard output and standard error. */
  output = "";
  #waiting: (() => void)[] = [];

  private constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ["--conditions=push-source", CLI, ...args], {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Not "exit": what it wrote last may still be on its way.
    this.exited = once(this.#child, "close").then(([code]: unknown[]) => code as number | null);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.#wake();
      });
    }
    void this.exited.then(() => this.#wake());
    onTestFinished(async () => void (await this.kill("SIGKILL")));
  }

  /** Runs it to its end. */
  static async run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly exitCode: number | null; readonly output: string }> {
    const program = new TestProgram(args, env);
    return { exitCode: await program.exited, output: program.output };
  }

  /** Starts it, and waits until it serves. */
  static async start({ cms, port = 0, args = [], env = {} }: TestProgramOptions): Promise<TestProgram> {
    const own = [`--port=${port}`, "--operations-port=0", "--log-format=json"];
    if (cms) own.push(`--cms-url=${cms.url}`, `--cms-adapter=${ADAPTER}`, "--cms-cache-seconds=50ms");
    const program = new TestProgram([...own, ...args], env);
    await program.logged("The push server listens.");
    await program.logged("The operations port is open.");
    return program;
  }

  /** The prefix, as in `http://127.0.0.1:8070/push`. */
  get url(): string {
    return this.#url("The push server listens.");
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  get operationsUrl(): string {
    return this.#url("The operations port is open.");
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get lines(): readonly LogLine[] {
    const whole = this.output.split("\n").slice(0, -1);
    return whole.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as LogLine);
  }

  /** The first line with this sentence, when it comes. Rejects if the program ends without. */
  async logged(sentence: string): Promise<LogLine> {
    for (;;) {
      const line = this.lines.find(({ msg }) => msg === sentence);
      if (line) return line;
      if (this.#child.exitCode !== null) throw new Error(`It ended without "${sentence}": ${this.output}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** @returns the exit status; null after SIGKILL */
  async kill(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    return await this.exited;
  }

  #url(sentence: string): string {
    return String(this.lines.find(({ msg }) => msg === sentence)?.["url"]);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
