/** The queue between the intake and the worker: at least once, debounced by key, newest payload first. */

/** Where a job stands. `failed` jobs are kept, can be looked at and retried. */
export type JobState = "delayed" | "waiting" | "active" | "completed" | "failed" | "cancelled";

/** What stands on the queue. The payload is JSON, and holds no secret. */
export interface QueueJob<Payload = unknown> {
  readonly id: string;
  /** Debounced by this: one waiting run for each key, and never two active ones. */
  readonly key: string;
  readonly kind: string;
  readonly payload: Payload;
  readonly delayMs: number;
  /** 0 first, larger later. */
  readonly priority: number;
  /** Runs in all before it counts as failed. */
  readonly attempts: number;
  /** The wait before the second run. */
  readonly backoffMs: number;
  /** Whether the wait doubles with each further run. */
  readonly backoffDoubles: boolean;
}

/** What became of an enqueue. */
export interface Enqueued<Payload = unknown> {
  /** `merged`: a waiting run of this key takes this payload; `duplicate`: this id is known already. */
  readonly outcome: "queued" | "merged" | "duplicate";
  /** The payload that this one replaced before it ran. */
  readonly superseded?: Payload;
}

/** A run of a job, as its handler gets it. */
export interface JobRun<Payload = unknown> {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  /** The newest of this key at the start of the run. */
  readonly payload: Payload;
  /** 1 for the first run. */
  readonly attempt: number;
  /** Whether a retryable failure of this run ends the job. */
  readonly lastAttempt: boolean;
  /** Aborted by cancellation, by the loss of the job's lock, and by a stop of the worker. */
  readonly signal: AbortSignal;
  /** Keeps how far the run is, for whoever looks at the job. */
  progress(fields: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What a job looks like from outside. */
export interface JobStatus {
  /** The run that does the work: another id than was asked for if that job was merged into it. */
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly state: JobState;
  readonly attempts: number;
  readonly progress?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  /** Why it failed, without secrets. */
  readonly error?: { readonly code: string; readonly text: string };
}

/** What is done with the jobs of a queue. */
export interface JobHandler<Payload = unknown> {
  /** Runs a job. What it throws decides: a `retryable` error is tried again, every other one ends the job. */
  run(run: JobRun<Payload>): Promise<unknown>;
  /** The end of a job with this payload stands recorded: it will not run again by itself. */
  ended(payload: Payload, outcome: "completed" | "failed" | "cancelled"): Promise<void>;
}

/** A worker that takes jobs off the queue. */
export interface Consumer {
  /** Takes no further job, waits at most `deadlineMs` for those that run, and puts back what is cut short. */
  close(deadlineMs?: number): Promise<void>;
}

/** How many jobs are kept in each state; cancelled ones are not counted. */
export type QueueCounts = Readonly<Record<Exclude<JobState, "cancelled">, number>>;

/** Both drivers pass queues/queue-contract.test.ts. */
export interface Queue<Payload = unknown> {
  enqueue(job: QueueJob<Payload>): Promise<Enqueued<Payload>>;
  consume(handler: JobHandler<Payload>, concurrency: number): Consumer;
  /** Undefined for an id that was never seen, or is no longer kept. */
  status(id: string): Promise<JobStatus | undefined>;
  /** A job that waits will not run, one that runs is aborted. False if it is neither. */
  cancel(id: string): Promise<boolean>;
  /** Puts a failed job back. False if it is not a failed one, or its key waits or runs again already. */
  retry(id: string): Promise<boolean>;
  /** Jobs in this state, newest first. */
  list(state: JobState, limit: number): Promise<readonly JobStatus[]>;
  counts(): Promise<QueueCounts>;
  close(): Promise<void>;
}

/** Why a run was aborted; the reason of its signal. */
export type AbortCause = "cancelled" | "lock-lost" | "stopping";

/** Reason of a run's signal. */
export class RunAborted extends Error {
  override readonly name = "RunAborted";
  readonly abortCause: AbortCause;

  constructor(abortCause: AbortCause) {
    super(`The run was aborted: ${abortCause}.`);
    this.abortCause = abortCause;
  }
}
