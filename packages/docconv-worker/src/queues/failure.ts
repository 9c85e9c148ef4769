/** Turns what a handler threw into what a queue keeps of it: a code, a text, and whether to try again. */

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
