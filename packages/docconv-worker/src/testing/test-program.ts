/** For tests: the real program in a process of its own, with everything that it writes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

/** A program that runs, or has run. */
export interface TestProgram {
  readonly process: ChildProcess;
  /** Everything that it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The fields of the first log line with this sentence. */
  logged(sentence: string): Promise<Readonly<Record<string, unknown>>>;
  /** The exit status, once it has ended. */
  readonly ended: Promise<number | null>;
}

const CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));
const WAIT = { timeout: 30_000, interval: 20 };

/**
 * @param env all that it gets beside the path
 * @param cwd where it would leave a core file, if it could. Default: this process's own, and no core files
 */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): TestProgram {
  const core = cwd === undefined ? "0" : "unlimited";
  const node = [process.execPath, "--conditions=push-source", CLI];
  const child = spawn("prlimit", [`--core=${core}`, ...node, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { PATH: "/usr/bin:/bin", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    logged: (sentence) =>
      vi.waitFor(() => {
        for (const line of stdout.split("\n").slice(0, -1)) {
          const fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
          if (fields["msg"] === sentence) return fields;
        }
        throw new Error(`It has not logged ${JSON.stringify(sentence)}, but:\n${stdout}${stderr}`);
      }, WAIT),
  };
}

/** Runs it to its end. */
export async function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> {
  const program = startProgram(args, env);
  const status = await program.ended;
  return { status, stdout: program.stdout(), stderr: program.stderr() };
}
