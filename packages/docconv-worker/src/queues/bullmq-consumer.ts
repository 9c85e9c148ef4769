/** Takes jobs off BullMQ and runs them: the worker's end of the queue. */
import { type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "../logger.ts";
import { type Consumer, type JobHandler, RunAborted } from "../queue.ts";
import { describeFailure } from "./failure.ts";
import type { Newest, NewestPayloads } from "./newest-payload.ts";

/** A worker that was killed is noticed when its lock has run out and the next check comes by: within 17 s. */
export const DEFAULT_LOCK_MS = 10_000;
/** Workers that may die under one job before it counts as their killer. BullMQ's default of 1 loses jobs. */
const MAX_STALLED = 25;
const CANCEL_POLL_MS = 1000;

/** What stands in BullMQ's job. */
export interface Stored<Payload> {
  readonly key: string;
  readonly payload: Payload;
}

/** Options of {@link BullmqConsumer}. */
export interface BullmqConsumerOptions<Payload> {
  /** Connections are made like this one. */
  readonly redis: Redis;
  readonly queueName: string;
  readonly bullPrefix: string;
  readonly newest: NewestPayloads<Payload>;
  readonly handler: JobHandler<Payload>;
  readonly concurrency: number;
  /** How long a worker that died keeps its jobs to itself. */
  readonly lockMs: number;
  readonly logger: Logger;
  readonly closed: () => void;
}

interface Running<Payload> {
  readonly newest: Newest<Payload>;
  readonly controller: AbortController;
  /** How the job ends if BullMQ records the end of this run; undefined: it goes back on the queue. */
  end?: "completed" | "failed" | "cancelled";
}

/** One BullMQ worker. */
export class BullmqConsumer<Payload> implements Consumer {
  readonly #options: BullmqConsumerOptions<Payload>;
  readonly #connection: Redis;
  readonly #worker: Worker<Stored<Payload>>;
  readonly #running = new Map<string, Running<Payload>>();
  readonly #ending = new Set<Promise<void>>();
  readonly #cancelPoll: NodeJS.Timeout;

  constructor(options: BullmqConsumerOptions<Payload>) {
    const { logger } = options;
    this.#options = options;
    this.#connection = options.redis.duplicate();
    this.#worker = new Worker<Stored<Payload>>(
      options.queueName,
      (job, token) => this.#run(job, token ?? ""),
      {
        connection: this.#connection,
        prefix: options.bullPrefix,
        concurrency: options.concurrency,
        lockDuration: options.lockMs,
        stalledInterval: options.lockMs / 2,
        maxStalledCount: MAX_STALLED,
      },
    );
    this.#worker.on("error", (error) =>
      logger.warn({ error: error.message }, "The queue's worker had an error"),
    );
    this.#worker.on("stalled", (id) => logger.warn({ job: id }, "A worker died under a job; it runs again"));
    this.#worker.on("lockRenewalFailed", (ids) => {
      for (const id of ids) this.#running.get(id)?.controller.abort(new RunAborted("lock-lost"));
    });
    this.#worker.on("completed", (job) => this.#recorded(job));
    this.#worker.on("failed", (job) => job && this.#recorded(job));
    this.#cancelPoll = setInterval(() => void this.#pollCancellations(), CANCEL_POLL_MS).unref();
  }

  async close(deadlineMs = 0): Promise<void> {
    const deadline = setTimeout(() => {
      for (const { controller } of this.#running.values()) controller.abort(new RunAborted("stopping"));
    }, deadlineMs);
    await this.#worker.close();
    await Promise.all(this.#ending);
    clearTimeout(deadline);
    clearInterval(this.#cancelPoll);
    this.#connection.disconnect();
    this.#options.closed();
  }

  async #run(job: Job<Stored<Payload>>, token: string): Promise<unknown> {
    const { newest: payloads, handler } = this.#options;
    const id = job.id ?? "";
    const { key, payload } = job.data;
    const { newest = { id, payload }, last, isCancelled } = await payloads.start(key, id);
    // An enqueue that came after the last run had started, and before it read the newest payload: done already.
    if (last && last.enqueue === newest.id && last.run !== id) return { doneBy: last.run };
    // Kept with the job, too, for whoever tries it again after its end.
    if (newest.id !== id) await job.updateData({ key, payload: newest.payload });
    const running: Running<Payload> = { newest, controller: new AbortController() };
    this.#running.set(id, running);
    const { signal } = running.controller;
    const attempts = job.opts.attempts ?? 1;
    try {
      if (isCancelled) throw cancel(running);
      const result = await handler.run({
        id,
        key,
        kind: job.name,
        payload: newest.payload,
        attempt: job.attemptsMade + 1,
        lastAttempt: job.attemptsMade + 1 >= attempts,
        signal,
        progress: (fields) => job.updateProgress(fields),
      });
      running.end = "completed";
      return result ?? null;
    } catch (error) {
      const cause = signal.reason instanceof RunAborted ? signal.reason.abortCause : undefined;
      if (cause === "stopping") {
        await payloads.putBack(key);
        await job.moveToWait(token);
        throw new WaitingError();
      }
      const failure = cause === "cancelled" ? CANCELLED : describeFailure(error);
      if (cause !== "lock-lost" && (!failure.retryable || job.attemptsMade + 1 >= attempts)) {
        running.end = cause === "cancelled" ? "cancelled" : "failed";
      } else if (cause !== "lock-lost") {
        await payloads.putBack(key);
      }
      const reason = JSON.stringify({ code: failure.code, text: failure.text });
      throw failure.retryable ? new Error(reason) : new UnrecoverableError(reason);
    } finally {
      // Before BullMQ lets the next run of the key go: that sees what this one has dealt with.
      if (running.end) await this.#deal(key, running, id);
      else this.#running.delete(id);
    }
  }

  async #deal(key: string, { newest }: Running<Payload>, run: string): Promise<void> {
    try {
      await this.#options.newest.ended(key, newest, run);
    } catch (error) {
      // The work is done all the same; at worst it is done once more.
      this.#options.logger.warn({ error: String(error) }, "The end of a job could not be noted");
    }
  }

  /** BullMQ has written the end down; only now may what the job needed be thrown away. */
  #recorded(job: Job<Stored<Payload>>): void {
    const running = this.#running.get(job.id ?? "");
    if (!running?.end) return;
    this.#running.delete(job.id ?? "");
    const { handler, logger } = this.#options;
    const ending = handler
      .ended(running.newest.payload, running.end)
      .catch((error: unknown) =>
        logger.warn({ error: String(error) }, "What a job left could not be cleared"),
      )
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #pollCancellations(): Promise<void> {
    for (const running of this.#running.values()) {
      // While Redis is away nothing is cancelled; the next poll sees it.
      const cancelled = await this.#options.newest.isCancelled(running.newest.id).catch(() => false);
      if (cancelled) cancel(running);
    }
  }
}

const CANCELLED = { code: "cancelled", text: "The job was cancelled.", retryable: false } as const;

function cancel(running: Running<unknown>): RunAborted {
  const reason = new RunAborted("cancelled");
  running.controller.abort(reason);
  return reason;
}
