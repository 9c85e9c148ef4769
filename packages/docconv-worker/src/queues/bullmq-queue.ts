/** The queue of several processes: BullMQ on Redis or Valkey. */
import { Queue as BullQueue, type Job, type JobType } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "../logger.ts";
import type {
  Consumer,
  Enqueued,
  JobHandler,
  JobState,
  JobStatus,
  Queue,
  QueueCounts,
  QueueJob,
} from "../queue.ts";
import { BullmqConsumer, DEFAULT_LOCK_MS, type Stored } from "./bullmq-consumer.ts";
import { NewestPayloads } from "./newest-payload.ts";

const KEEP_COMPLETED = { age: 3600, count: 1000 };
const KEEP_FAILED = { age: 7 * 86_400, count: 1000 };
const MAX_EVENTS = 1000;

/** Our states in BullMQ's words. Cancelled jobs are failed ones there. */
const BULL_STATES: Readonly<Record<JobState, readonly JobType[]>> = {
  delayed: ["delayed"],
  waiting: ["waiting", "prioritized"],
  active: ["active"],
  completed: ["completed"],
  failed: ["failed"],
  cancelled: ["failed", "delayed", "waiting", "prioritized"],
};

/** Options of {@link BullmqQueue}. */
export interface BullmqQueueOptions {
  /** With `maxRetriesPerRequest: null`; it stays the caller's. */
  readonly redis: Redis;
  /** Queue name. */
  readonly name: string;
  /** Of every Redis key. */
  readonly prefix: string;
  /** How long a worker that died keeps its jobs to itself. Default 10,000. */
  readonly lockMs?: number | undefined;
  readonly logger: Logger;
}

/** Keeps jobs on Redis, for any number of intakes and workers. */
export class BullmqQueue<Payload> implements Queue<Payload> {
  readonly #options: BullmqQueueOptions;
  readonly #queue: BullQueue<Stored<Payload>>;
  readonly #newest: NewestPayloads<Payload>;
  readonly #consumers = new Set<Consumer>();
  readonly #bullPrefix: string;

  constructor(options: BullmqQueueOptions) {
    this.#options = options;
    this.#bullPrefix = `${options.prefix}bull`;
    this.#newest = new NewestPayloads(options.redis, `${options.prefix}${options.name}:`);
    this.#queue = new BullQueue(options.name, {
      connection: options.redis,
      prefix: this.#bullPrefix,
      streams: { events: { maxLen: MAX_EVENTS } },
    });
    // Reconnecting is ioredis's business; without a listener Node would end the process.
    this.#queue.on("error", (error) =>
      options.logger.warn({ error: error.message }, "The queue had an error"),
    );
  }

  async enqueue(job: QueueJob<Payload>): Promise<Enqueued<Payload>> {
    if ((await this.#newest.keyOf(job.id)) !== undefined) return { outcome: "duplicate" };
    const { superseded } = await this.#newest.put(job.key, { id: job.id, payload: job.payload });
    await this.#add(job);
    if (superseded) await this.#hurry(job);
    // Last, so that an enqueue that was cut short is taken in when it is sent again.
    await this.#newest.remember(job.id, job.key);
    return superseded ? { outcome: "merged", superseded: superseded.payload } : { outcome: "queued" };
  }

  consume(handler: JobHandler<Payload>, concurrency: number): Consumer {
    const { redis, name, logger, lockMs = DEFAULT_LOCK_MS } = this.#options;
    const consumer = new BullmqConsumer<Payload>({
      redis,
      queueName: name,
      bullPrefix: this.#bullPrefix,
      newest: this.#newest,
      handler,
      concurrency,
      lockMs,
      logger,
      closed: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  async status(id: string): Promise<JobStatus | undefined> {
    const job = await this.#find(id);
    return job && this.#statusOf(job);
  }

  async cancel(id: string): Promise<boolean> {
    const job = await this.#find(id);
    if (!job?.id) return false;
    const { state } = await this.#statusOf(job);
    if (state !== "active" && state !== "waiting" && state !== "delayed") return false;
    const { key } = job.data;
    const newest = (await this.#newest.get(key))?.id ?? job.id;
    const running = state === "active" ? await this.#newest.running(key) : undefined;
    await this.#newest.cancel(running !== undefined && (id === running || id === job.id) ? running : newest);
    // Its turn is now, so that what it needed is thrown away now; that it has one already is no error.
    if (state === "delayed") await job.promote().catch(() => undefined);
    return true;
  }

  async retry(id: string): Promise<boolean> {
    const job = await this.#find(id);
    if (!job?.id || (await this.#statusOf(job)).state !== "failed") return false;
    const { key } = job.data;
    if (await this.#queue.getDeduplicationJobId(key)) return false;
    await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
    // What is enqueued from now on merges into this run; BullMQ itself does that for new jobs only.
    await this.#options.redis.set(this.#queue.toKey(`de:${key}`), job.id, "NX");
    return true;
  }

  async list(state: JobState, limit: number): Promise<readonly JobStatus[]> {
    const jobs = await this.#queue.getJobs([...BULL_STATES[state]], 0, limit - 1, false);
    const statuses = await Promise.all(jobs.map((job) => this.#statusOf(job)));
    return statuses.filter((status) => status.state === state);
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.#queue.getJobCounts();
    const { delayed = 0, waiting = 0, prioritized = 0, active = 0, completed = 0, failed = 0 } = counts;
    return { delayed, waiting: waiting + prioritized, active, completed, failed };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close(0)));
    await this.#queue.close();
  }

  async #add(job: QueueJob<Payload>): Promise<void> {
    const data: Stored<Payload> = { key: job.key, payload: job.payload };
    await (this.#queue as BullQueue).add(job.kind, data, {
      jobId: job.id,
      deduplication: { id: job.key, keepLastIfActive: true, replace: true },
      delay: job.delayMs,
      priority: job.priority,
      attempts: job.attempts,
      backoff: { type: job.backoffDoubles ? "exponential" : "fixed", delay: job.backoffMs },
      removeOnComplete: KEEP_COMPLETED,
      removeOnFail: KEEP_FAILED,
      stackTraceLimit: 0,
    });
  }

  /** A job that waits takes the place of the most urgent of those that were merged into it. */
  async #hurry({ key, priority }: QueueJob<Payload>): Promise<void> {
    const run = await this.#queue.getDeduplicationJobId(key);
    const job = run ? await this.#queue.getJob(run) : undefined;
    if (job && job.priority > priority) await job.changePriority({ priority });
  }

  /** The job of this id, or the run that its enqueue was merged into. */
  async #find(id: string): Promise<Job<Stored<Payload>> | undefined> {
    const job = await this.#queue.getJob(id);
    if (job) return job as Job<Stored<Payload>>;
    const key = await this.#newest.keyOf(id);
    if (key === undefined) return undefined;
    const run = (await this.#queue.getDeduplicationJobId(key)) ?? (await this.#newest.last(key))?.run;
    return run === undefined ? undefined : ((await this.#queue.getJob(run)) as Job<Stored<Payload>>);
  }

  async #statusOf(found: Job<Stored<Payload>>): Promise<JobStatus> {
    // The state first: what is read after it is at least as new, so that a failed job has its reason.
    const bullState = await found.getState();
    const job = ((await this.#queue.getJob(found.id ?? "")) as Job<Stored<Payload>> | undefined) ?? found;
    const { key } = job.data;
    const atWork = bullState === "active" ? await this.#newest.running(key) : undefined;
    const doing = atWork ?? (await this.#newest.get(key))?.id ?? job.id ?? "";
    const error = job.failedReason ? readReason(job.failedReason) : undefined;
    const cancelled = error?.code === "cancelled" || (await this.#newest.isCancelled(doing));
    const state = stateOf(bullState);
    return {
      id: job.id ?? "",
      key,
      kind: job.name,
      state: cancelled && state !== "completed" ? "cancelled" : state,
      attempts: job.attemptsStarted,
      ...(isObject(job.progress) && { progress: job.progress }),
      ...(state === "completed" && { result: job.returnvalue }),
      ...(state !== "completed" && error && { error }),
    };
  }
}

function stateOf(bullState: string): JobState {
  const states = ["delayed", "waiting", "active", "completed", "failed"] as const;
  return states.find((state) => (BULL_STATES[state] as readonly string[]).includes(bullState)) ?? "waiting";
}

/** Failures that this project wrote are JSON; BullMQ's own, about stalled jobs, are sentences. */
function readReason(reason: string): { code: string; text: string } {
  try {
    const { code, text } = JSON.parse(reason) as { code: string; text: string };
    return { code, text };
  } catch {
    return { code: "stalled", text: reason };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
