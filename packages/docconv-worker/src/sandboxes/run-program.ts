/** Runs a program in a sandbox to its end, within a time and an amount of output. */
import { once } from "node:events";
import { killGroup, type Sandbox, type SandboxCommand } from "../sandbox.ts";

/** How long and how much. */
export interface RunOptions {
  readonly timeoutMs: number;
  /** Of standard output, in bytes. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
  /** What it reads from its standard input. Default: nothing. */
  readonly input?: Uint8Array;
  /** Gets each line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void;
}

/** A program that ended by itself or was ended. */
export interface ProgramResult {
  readonly stdout: Buffer;
  /** The last 4,000 characters. */
  readonly stderr: string;
  /** Undefined if it was killed. */
  readonly exitCode: number | undefined;
  /** Why we killed it. */
  readonly killed?: "timeout" | "output";
}

const KEPT_STDERR = 4000;

/** @throws the signal's reason, or the error of a program that cannot be started */
export async function runProgram(
  sandbox: Sandbox,
  command: SandboxCommand,
  { timeoutMs, maxOutputBytes, signal, input, onErrorLine }: RunOptions,
): Promise<ProgramResult> {
  signal?.throwIfAborted();
  const child = sandbox.start(command);
  let killed: ProgramResult["killed"];
  const kill = (reason?: ProgramResult["killed"]): void => {
    killed ??= reason;
    killGroup(child);
  };
  const timer = setTimeout(() => kill("timeout"), timeoutMs);
  const onAbort = (): void => kill();
  signal?.addEventListener("abort", onAbort);
  const output: Buffer[] = [];
  let size = 0;
  let stderr = "";
  child.stdin?.on("error", () => undefined).end(input);
  child.stdout?.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxOutputBytes) kill("output");
    else output.push(chunk);
  });
  let line = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    const text = chunk.toString();
    stderr = (stderr + text).slice(-KEPT_STDERR);
    if (!onErrorLine) return;
    const [first = "", ...more] = text.split("\n");
    line = (line + first).slice(-KEPT_STDERR);
    for (const next of more) {
      onErrorLine(line);
      line = next;
    }
  });
  try {
    const [exitCode] = (await once(child, "close")) as [number | null];
    signal?.throwIfAborted();
    return {
      stdout: Buffer.concat(output),
      stderr,
      exitCode: exitCode ?? undefined,
      ...(killed && { killed }),
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    killGroup(child); // what it left behind in its group
  }
}
