/** The queue of the embedded mode: in this process, starting a job as soon as the caller has its answer. */
import {
  RunAborted,
  type Consumer,
  type Enqueued,
  type JobHandler,
  type JobState,
  type JobStatus,
  type Queue,
  type QueueCounts,
  type QueueJob,
} from "../queue.ts";
import { describeFailure } from "./failure.ts";

/** Ended jobs that are kept to be looked at. */
const KEPT_ENDED = 1000;

interface Entry<Payload> {
  readonly job: QueueJob<Payload>;
  /** Its place in the line. */
  readonly sequence: number;
  state: JobState;
  attempts: number;
  cancelled?: boolean;
  timer?: NodeJS.Timeout;
  run?: AbortController;
  progress?: Readonly<Record<string, unknown>>;
  result?: unknown;
  error?: { readonly code: string; readonly text: string };
}

/** Keeps jobs in this process. */
export class MemoryQueue<Payload> implements Queue<Payload> {
  /** Every job that is kept, in the order of its last enqueue or end. */
  readonly #entries = new Map<string, Entry<Payload>>();
  /** Ids that were merged into another id's run. */
  readonly #mergedInto = new Map<string, string>();
  /** The entry of each key that is delayed or waits. */
  readonly #pending = new Map<string, Entry<Payload>>();
  readonly #activeKeys = new Set<string>();
  readonly #consumers = new Set<MemoryConsumer<Payload>>();
  #sequence = 0;

  async enqueue(job: QueueJob<Payload>): Promise<Enqueued<Payload>> {
    if (this.#entries.has(job.id) || this.#mergedInto.has(job.id)) return { outcome: "duplicate" };
    const merged = this.#pending.get(job.key);
    if (merged) {
      clearTimeout(merged.timer);
      this.#entries.delete(merged.job.id);
      this.#mergedInto.set(merged.job.id, job.id);
    }
    // A merge keeps its place in the line.
    const sequence = merged?.sequence ?? ++this.#sequence;
    const priority = Math.min(job.priority, merged?.job.priority ?? job.priority);
    const entry: Entry<Payload> = { job: { ...job, priority }, sequence, state: "waiting", attempts: 0 };
    this.#entries.set(job.id, entry);
    // What is due stays due.
    this.#wait(entry, merged?.state === "waiting" ? 0 : job.delayMs);
    return merged ? { outcome: "merged", superseded: merged.job.payload } : { outcome: "queued" };
  }

  consume(handler: JobHandler<Payload>, concurrency: number): Consumer {
    const consumer = new MemoryConsumer<Payload>(concurrency, {
      next: () => this.#next(),
      run: (entry, controller) => this.#run(entry, handler, controller),
      closed: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    consumer.pump();
    return consumer;
  }

  async status(id: string): Promise<JobStatus | undefined> {
    const entry = this.#find(id);
    return entry && statusOf(entry);
  }

  async cancel(id: string): Promise<boolean> {
    const entry = this.#find(id);
    if (!entry || entry.cancelled || isEnded(entry.state)) return false;
    entry.cancelled = true;
    entry.run?.abort(new RunAborted("cancelled"));
    if (entry.state === "delayed") {
      clearTimeout(entry.timer);
      this.#ready(entry);
    }
    return true;
  }

  async retry(id: string): Promise<boolean> {
    const entry = this.#find(id);
    if (entry?.state !== "failed" || this.#isBusy(entry.job.key)) return false;
    entry.attempts = 0;
    delete entry.error;
    this.#wait(entry, 0);
    return true;
  }

  async list(state: JobState, limit: number): Promise<readonly JobStatus[]> {
    const statuses = [...this.#entries.values()].map(statusOf).filter((status) => status.state === state);
    return statuses.toReversed().slice(0, limit);
  }

  async counts(): Promise<QueueCounts> {
    const counts = { delayed: 0, waiting: 0, active: 0, completed: 0, failed: 0 };
    for (const { state } of this.#entries.values()) if (state !== "cancelled") counts[state] += 1;
    return counts;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close(0)));
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#entries.clear();
    this.#pending.clear();
  }

  #find(id: string): Entry<Payload> | undefined {
    let current = id;
    for (let next: string | undefined = id; next !== undefined; next = this.#mergedInto.get(next)) {
      current = next;
    }
    return this.#entries.get(current);
  }

  #isBusy(key: string): boolean {
    return this.#pending.has(key) || this.#activeKeys.has(key);
  }

  #wait(entry: Entry<Payload>, delayMs: number): void {
    this.#pending.set(entry.job.key, entry);
    entry.state = delayMs > 0 ? "delayed" : "waiting";
    if (delayMs > 0) entry.timer = setTimeout(() => this.#ready(entry), delayMs);
    else this.#ready(entry);
  }

  #ready(entry: Entry<Payload>): void {
    entry.state = "waiting";
    // Not in this turn: whoever enqueued gets the answer first.
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    for (const consumer of this.#consumers) consumer.pump();
  }

  /** The first entry that may run now: lowest priority number, then oldest, and no run of its key going on. */
  #next(): Entry<Payload> | undefined {
    let first: Entry<Payload> | undefined;
    for (const entry of this.#pending.values()) {
      if (entry.state !== "waiting" || this.#activeKeys.has(entry.job.key)) continue;
      if (!first || order(entry, first) < 0) first = entry;
    }
    if (first) {
      this.#pending.delete(first.job.key);
      this.#activeKeys.add(first.job.key);
      first.state = "active";
    }
    return first;
  }

  async #run(entry: Entry<Payload>, handler: JobHandler<Payload>, controller: AbortController) {
    const { job } = entry;
    entry.attempts += 1;
    entry.run = controller;
    let end: "completed" | "failed" | "cancelled" | undefined;
    try {
      if (entry.cancelled) throw new RunAborted("cancelled");
      entry.result = await handler.run({
        id: job.id,
        key: job.key,
        kind: job.kind,
        payload: job.payload,
        attempt: entry.attempts,
        lastAttempt: entry.attempts >= job.attempts,
        signal: controller.signal,
        progress: async (fields) => {
          entry.progress = fields;
        },
      });
      delete entry.error;
      end = "completed";
    } catch (error) {
      end = this.#afterFailure(entry, error, controller.signal);
    }
    delete entry.run;
    if (end) this.#end(entry, end);
    this.#activeKeys.delete(job.key);
    setImmediate(() => this.#pump());
    if (end) await handler.ended(job.payload, end);
  }

  /** How the job ends; undefined if it goes back on the queue. */
  #afterFailure(
    entry: Entry<Payload>,
    error: unknown,
    signal: AbortSignal,
  ): "failed" | "cancelled" | undefined {
    const { job } = entry;
    if (entry.cancelled) return "cancelled";
    const failure = describeFailure(error);
    const stopping = signal.reason instanceof RunAborted && signal.reason.abortCause === "stopping";
    entry.error = failure;
    // A newer enqueue of the key runs instead of a retry, with its newer payload.
    if (this.#pending.has(job.key)) return "failed";
    if (stopping) entry.attempts -= 1;
    else if (!failure.retryable || entry.attempts >= job.attempts) return "failed";
    this.#wait(entry, stopping ? 0 : job.backoffMs * (job.backoffDoubles ? 2 ** (entry.attempts - 1) : 1));
    return undefined;
  }

  #end(entry: Entry<Payload>, state: "completed" | "failed" | "cancelled"): void {
    entry.state = state;
    this.#entries.delete(entry.job.id);
    this.#entries.set(entry.job.id, entry);
    const ended = [...this.#entries.values()].filter((other) => isEnded(other.state));
    for (const old of ended.slice(0, -KEPT_ENDED)) this.#entries.delete(old.job.id);
    for (const id of this.#mergedInto.keys()) if (!this.#find(id)) this.#mergedInto.delete(id);
  }
}

/** The queue as its consumers see it. */
interface Line<Payload> {
  next(): Entry<Payload> | undefined;
  run(entry: Entry<Payload>, controller: AbortController): Promise<void>;
  closed(): void;
}

/** Takes jobs while it has room. */
class MemoryConsumer<Payload> implements Consumer {
  readonly #concurrency: number;
  readonly #queue: Line<Payload>;
  readonly #running = new Map<Promise<void>, AbortController>();
  #closing = false;

  constructor(concurrency: number, queue: Line<Payload>) {
    this.#concurrency = concurrency;
    this.#queue = queue;
  }

  pump(): void {
    while (!this.#closing && this.#running.size < this.#concurrency) {
      const entry = this.#queue.next();
      if (!entry) return;
      const controller = new AbortController();
      const running = this.#queue.run(entry, controller).finally(() => {
        this.#running.delete(running);
        this.pump();
      });
      this.#running.set(running, controller);
    }
  }

  async close(deadlineMs = 0): Promise<void> {
    this.#closing = true;
    const deadline = setTimeout(() => {
      for (const controller of this.#running.values()) controller.abort(new RunAborted("stopping"));
    }, deadlineMs);
    await Promise.all(this.#running.keys());
    clearTimeout(deadline);
    this.#queue.closed();
  }
}

function order(a: Entry<unknown>, b: Entry<unknown>): number {
  return a.job.priority - b.job.priority || a.sequence - b.sequence;
}

function isEnded(state: JobState): boolean {
  return state === "completed" || state === "failed" || state === "cancelled";
}

function statusOf(entry: Entry<unknown>): JobStatus {
  const { job, attempts, progress, result, error } = entry;
  return {
    id: job.id,
    key: job.key,
    kind: job.kind,
    state: entry.cancelled ? "cancelled" : entry.state,
    attempts,
    ...(progress && { progress }),
    ...(result !== undefined && { result }),
    ...(error && { error: { code: error.code, text: error.text } }),
  };
}
