/** What a command writes to, and what ends it early. */
import type { ProgressOutput } from "./progress.ts";

/** The process's own, in the program. */
export interface CommandStreams {
  /** What was asked for. */
  readonly stdout: { write(text: string): unknown };
  /** What is said about it. */
  readonly stderr: ProgressOutput;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}
