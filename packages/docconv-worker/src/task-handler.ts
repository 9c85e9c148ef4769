/** The worker's end of the queue: sends each job to what does its kind, and clears up when it has ended. */
import type { Callback } from "./callback.ts";
import type { Conversion } from "./conversion.ts";
import type { CredentialVault } from "./credential-vault.ts";
import type { CallbackTask, DocconvTask, Task, WriteBackTask } from "./job.ts";
import type { DocconvMetrics } from "./metrics.ts";
import type { JobHandler, JobRun } from "./queue.ts";
import { describeFailure } from "./queues/failure.ts";
import type { WriteBack } from "./write-back.ts";

/** What does the work. */
export interface TaskHandlerOptions {
  readonly conversion: Conversion;
  readonly callback: Callback;
  readonly writeBack: WriteBack;
  readonly vault: CredentialVault;
  readonly metrics: DocconvMetrics;
}

/** Runs jobs of every kind. */
export class TaskHandler implements JobHandler<Task> {
  readonly #options: TaskHandlerOptions;

  constructor(options: TaskHandlerOptions) {
    this.#options = options;
  }

  async run(run: JobRun<Task>): Promise<unknown> {
    const { metrics } = this.#options;
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const result = await this.#work(run);
      metrics.jobFinished(run.kind, "completed", seconds());
      return result;
    } catch (error) {
      const { code, retryable } = describeFailure(error);
      const retried = retryable && !run.lastAttempt;
      // No other run of it can do anything with a ticket that the CMS refuses.
      if (code === "session-expired") await this.#options.vault.forget(run.payload.credential);
      metrics.jobFinished(run.kind, retried ? "retried" : "failed", seconds());
      throw error;
    }
  }

  #work(run: JobRun<Task>): Promise<unknown> {
    const { conversion, callback, writeBack } = this.#options;
    switch (run.payload.kind) {
      case "docconv":
        return conversion.run(run as JobRun<DocconvTask>);
      case "callback":
        return callback.run(run as JobRun<CallbackTask>);
      default:
        return writeBack.run(run as JobRun<WriteBackTask>);
    }
  }

  /** A failed job's secrets stay, sealed, until they expire: it can be tried again by hand. */
  async ended(task: Task, outcome: "completed" | "failed" | "cancelled"): Promise<void> {
    if (outcome !== "failed") await this.#options.vault.forget(task.credential);
  }
}
