/** Turns what a handler threw into what a queue keeps of it: a code, a text, and whether to try again. */
import { DocconvError } from "../docconv-error.ts";

/** What is kept of a failure. */
export interface Failure {
  readonly code: string;
  readonly text: string;
  readonly retryable: boolean;
}

/**
 * This project's errors carry a code and whether to try again, and their texts hold no secret. Errors of other
 * making count as unforeseen and worth another try; only their name is kept, never their text.
 */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return unforeseen(typeof error);
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  if (typeof code === "string" && typeof retryable === "boolean") {
    return { code, text: error.message, retryable };
  }
  return unforeseen(error.name);
}

function unforeseen(name: string): Failure {
  return {
    code: "unforeseen",
    text: `The run failed with an unforeseen ${name}; the log has it.`,
    retryable: true,
  };
}

/** For the log: foreign errors can hold what they were given, so only their name, code, and where they came from. */
export function traceOf(error: unknown): string {
  if (error instanceof DocconvError) return error.message;
  if (!(error instanceof Error)) return typeof error;
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name + code, ...frames.slice(0, 5)].join("\n");
}
