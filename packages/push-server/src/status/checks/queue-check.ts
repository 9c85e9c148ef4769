/** How many jobs stand where, and whether anybody takes them. */
import type { StatusCheck } from "../status-check.ts";

export interface QueueState {
  readonly delayed: number;
  readonly waiting: number;
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
  /** Processes that take jobs off it. */
  readonly workers: number;
  /** Some of those that failed for good, newest first. */
  readonly failures: readonly JobFailure[];
}

export interface JobFailure {
  readonly id: string;
  readonly kind: string;
  /** Why, without secrets. */
  readonly reason: string;
}

/** So many failures are shown. */
export const SHOWN_FAILURES = 5;

/** @param state undefined: there is no queue here */
export function queueCheck(state: () => Promise<QueueState | undefined>): StatusCheck {
  return {
    name: "Queue and workers",
    async run() {
      const now = await state();
      if (!now) return { state: "ok", detail: "No job was ever put on a queue in this Redis." };
      const { failures, ...facts } = now;
      const cases = failures.map(({ id, kind, reason }) => `${kind} ${id}: ${reason}`);
      const failedJobs = failures.map(({ id }) => id);
      if (now.workers === 0) {
        const detail = "Nobody takes jobs off the queue: start docconv-worker, with the same REDIS_URL.";
        return { state: now.waiting > 0 ? "wrong" : "warning", detail, facts, cases, failedJobs };
      }
      if (now.failed > 0) {
        const detail =
          "Some jobs have failed for good: try them again here, once what they say is mended, or docconv-worker queue retry all.";
        return { state: "warning", detail, facts, cases, failedJobs };
      }
      return { state: "ok", detail: "Jobs are taken off it, and none has failed.", facts };
    },
  };
}
