/** The port of the status page: one thing that is looked at, and what was found. */

export interface Finding {
  /** `warning`: it works, and something should be changed. */
  readonly state: "ok" | "warning" | "wrong";
  /** Whole sentences: what is the case, and what to do if something is wrong. */
  readonly detail: string;
  /** Figures, by their names. */
  readonly facts?: Readonly<Record<string, string | number>>;
}

export interface StatusCheck {
  /** As administrators call it. */
  readonly name: string;
  /** @param signal its time is over. What is thrown counts as wrong. */
  run(signal: AbortSignal): Promise<Finding>;
}
