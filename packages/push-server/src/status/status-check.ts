/** The port of the status page: one thing that is looked at, and what was found. */

export interface Finding {
  /** `warning`: it works, and something should be changed. */
  readonly state: "ok" | "warning" | "wrong";
  /** Whole sentences: what is the case, and what to do if something is wrong. */
  readonly detail: string;
  /** Figures, by their names; the last word of a name may be the unit: `bytes`, `ms`, `s`. */
  readonly facts?: Readonly<Record<string, string | number>>;
  /** What it is about, one by one: a sentence each. */
  readonly cases?: readonly string[];
  /** Failed jobs that the cases are about, in their order, by id: they can be tried again from the page. */
  readonly failedJobs?: readonly string[];
}

export interface StatusCheck {
  /** As administrators call it. */
  readonly name: string;
  /** @param signal its time is over. What is thrown counts as wrong. */
  run(signal: AbortSignal): Promise<Finding>;
}
