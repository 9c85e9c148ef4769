/** What the worker counts and measures; nothing by default, Prometheus in the program. */
export interface DocconvMetrics {
  /** A job was taken in; `merged` into a waiting one of its key, or `duplicate` of one known by its id. */
  jobAccepted(kind: string, outcome: "queued" | "merged" | "duplicate"): void;
  /** A run ended, after `seconds`. */
  jobFinished(kind: string, outcome: "completed" | "failed" | "retried", seconds: number): void;
  /** A document's conversion ended, well or with the code of what went wrong. */
  converted(converter: string, outcome: string, seconds: number): void;
  /** From the start of the run to page 1 at every scale stored. */
  firstPage(converter: string, seconds: number): void;
}

/** The default: measures nothing. */
export const noMetrics: DocconvMetrics = {
  jobAccepted: () => undefined,
  jobFinished: () => undefined,
  converted: () => undefined,
  firstPage: () => undefined,
};
