/** What a check has found: for `docconv-worker check`. */
export interface Finding {
  readonly subject: string;
  readonly state: "ok" | "warning" | "failure";
  /** What is the case, and what to do if something is wrong. */
  readonly text: string;
}
