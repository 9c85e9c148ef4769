import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DocconvError } from "../docconv-error.ts";
import { silentLogger } from "../logger.ts";
import type { JobHandler, JobRun, Queue, QueueJob } from "../queue.ts";
import { startRedis, type TestRedis } from "../testing/test-redis.ts";
import { BullmqQueue } from "./bullmq-queue.ts";
import { MemoryQueue } from "./memory-queue.ts";

interface Payload {
  readonly cookie: string;
}

interface Driver {
  open(): Promise<Queue<Payload>>;
  close(): Promise<void>;
}

function memoryDriver(): Driver {
  return { open: async () => new MemoryQueue(), close: async () => undefined };
}

function bullmqDriver(): Driver {
  let redis: TestRedis | undefined;
  return {
    async open() {
      redis = await startRedis();
      return new BullmqQueue({ redis: redis.connect(), name: "test", prefix: "t:", logger: silentLogger });
    },
    close: async () => redis?.close(),
  };
}

let sequence = 0;

function job(payload: string, more: Partial<QueueJob<Payload>> = {}): QueueJob<Payload> {
  return {
    id: `job-${++sequence}`,
    key: "plan",
    kind: "docconv",
    payload: { cookie: payload },
    delayMs: 0,
    priority: 0,
    attempts: 3,
    backoffMs: 5,
    backoffDoubles: true,
    ...more,
  };
}

/** Records runs; each waits until it is let go. */
class Recorder implements JobHandler<Payload> {
  readonly runs: JobRun<Payload>[] = [];
  readonly endings: string[] = [];
  behave: (run: JobRun<Payload>) => Promise<unknown> = async () => "done";
  #open: () => void = () => undefined;
  #gate: Promise<void> = Promise.resolve();

  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#open();
  }

  async run(run: JobRun<Payload>): Promise<unknown> {
    this.runs.push(run);
    await this.#gate;
    return this.behave(run);
  }

  async ended(payload: Payload, outcome: string): Promise<void> {
    this.endings.push(`${payload.cookie} ${outcome}`);
  }

  get cookies(): string[] {
    return this.runs.map((run) => run.payload.cookie);
  }
}

const waitFor = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 10_000, interval: 10 });

describe.each([
  ["in memory", memoryDriver],
  ["BullMQ", bullmqDriver],
])("the queue, %s", (_name, makeDriver) => {
  let driver: Driver;
  let queue: Queue<Payload>;
  let recorder: Recorder;

  beforeEach(async () => {
    driver = makeDriver();
    queue = await driver.open();
    recorder = new Recorder();
  });

  afterEach(async () => {
    recorder.release();
    await queue.close();
    await driver.close();
  });

  const settled = async (id: string, state: string) =>
    waitFor(async () => {
      const status = await queue.status(id);
      expect(status?.state).toBe(state);
      return status;
    });

  it("runs a job, keeps its progress and result, and says when it has ended", async () => {
    recorder.behave = async (run) => {
      await run.progress({ page: 3 });
      return { pages: 20 };
    };
    queue.consume(recorder, 1);
    const first = job("c1");
    expect(await queue.enqueue(first)).toEqual({ outcome: "queued" });
    const status = await settled(first.id, "completed");
    expect(status).toMatchObject({
      id: first.id,
      key: "plan",
      kind: "docconv",
      attempts: 1,
      progress: { page: 3 },
      result: { pages: 20 },
    });
    await waitFor(() => expect(recorder.endings).toEqual(["c1 completed"]));
    expect(await queue.status("job-never")).toBeUndefined();
  });

  it("makes one run of many enqueues, with the newest payload, and finds it under every id", async () => {
    const jobs = Array.from({ length: 20 }, (_, index) => job(`c${index}`));
    const outcomes = [];
    for (const each of jobs) outcomes.push(await queue.enqueue(each));
    expect(outcomes[0]).toEqual({ outcome: "queued" });
    expect(outcomes[19]).toEqual({ outcome: "merged", superseded: { cookie: "c18" } });
    queue.consume(recorder, 4);
    for (const each of [jobs[0], jobs[7], jobs[19]]) await settled(each?.id ?? "", "completed");
    expect(recorder.cookies).toEqual(["c19"]);
  });

  it("starts the wait again with every enqueue of a delayed key", async () => {
    queue.consume(recorder, 4);
    for (const cookie of ["c1", "c2", "c3"]) await queue.enqueue(job(cookie, { delayMs: 150 }));
    const last = job("c4", { delayMs: 150 });
    await queue.enqueue(last);
    await settled(last.id, "completed");
    expect(recorder.cookies).toEqual(["c4"]);
  });

  it("makes exactly one more run of what is enqueued during a run, and never runs a key twice at once", async () => {
    recorder.hold();
    queue.consume(recorder, 4);
    await queue.enqueue(job("c1"));
    await waitFor(() => expect(recorder.runs).toHaveLength(1));
    expect(await queue.enqueue(job("c2"))).toEqual({ outcome: "queued" });
    await queue.enqueue(job("c3"));
    const last = job("c4");
    // What runs is not superseded: it still needs what it came with.
    expect(await queue.enqueue(last)).toEqual({ outcome: "merged", superseded: { cookie: "c3" } });
    expect(recorder.runs).toHaveLength(1);
    recorder.release();
    await waitFor(() => expect(recorder.endings).toEqual(["c1 completed", "c4 completed"]));
    expect(recorder.cookies).toEqual(["c1", "c4"]);
    expect((await queue.counts()).waiting).toBe(0);
  });

  it("takes an id in once", async () => {
    queue.consume(recorder, 1);
    const first = job("c1");
    await queue.enqueue(first);
    expect(await queue.enqueue(first)).toEqual({ outcome: "duplicate" });
    await settled(first.id, "completed");
    expect(await queue.enqueue(first)).toEqual({ outcome: "duplicate" });
    expect(recorder.runs).toHaveLength(1);
  });

  it("tries a retryable failure again, and keeps a job that fails for good", async () => {
    recorder.behave = async () => {
      throw new DocconvError("cms-unknown", "The CMS did not answer.", { retryable: true });
    };
    queue.consume(recorder, 1);
    const first = job("c1");
    await queue.enqueue(first);
    const status = await settled(first.id, "failed");
    expect(status?.error).toEqual({ code: "cms-unknown", text: "The CMS did not answer." });
    expect(recorder.runs.map((run) => [run.attempt, run.lastAttempt])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(await queue.list("failed", 10)).toMatchObject([{ key: "plan", error: { code: "cms-unknown" } }]);
    await waitFor(() => expect(recorder.endings).toEqual(["c1 failed"]));
  });

  it("does not try again what cannot succeed, nor keeps the text of a foreign error", async () => {
    recorder.behave = async (run) => {
      if (run.kind === "docconv") throw new DocconvError("expired", "Too late.");
      throw new Error("__ac=secret");
    };
    queue.consume(recorder, 1);
    const first = job("c1");
    const second = job("c2", { key: "other", kind: "callback", attempts: 1 });
    await queue.enqueue(first);
    await queue.enqueue(second);
    await settled(first.id, "failed");
    const status = await settled(second.id, "failed");
    expect(recorder.runs).toHaveLength(2);
    expect(status?.error?.code).toBe("unforeseen");
    expect(JSON.stringify(status)).not.toContain("secret");
  });

  it("retries a failed job by hand: as the same job, with the newest payload, debounced again", async () => {
    recorder.behave = async () => {
      throw new DocconvError("office-missing", "LibreOffice is missing.");
    };
    const first = job("c1");
    const second = job("c2");
    await queue.enqueue(first);
    await queue.enqueue(second);
    const consumer = queue.consume(recorder, 1);
    await settled(first.id, "failed");
    await waitFor(() => expect(recorder.endings).toEqual(["c2 failed"]));
    await consumer.close();
    const [dead] = await queue.list("failed", 1);
    expect(await queue.retry(second.id)).toBe(true);
    expect((await queue.status(first.id))?.id).toBe(dead?.id);
    expect(await queue.retry(first.id)).toBe(false);
    recorder.behave = async () => "done";
    queue.consume(recorder, 1);
    await settled(first.id, "completed");
    expect(await queue.retry(first.id)).toBe(false);
    expect(recorder.runs.map((run) => [run.id, run.payload.cookie, run.attempt])).toEqual([
      [dead?.id, "c2", 1],
      [dead?.id, "c2", 1],
    ]);
  });

  it("merges what is enqueued into a job that is tried again by hand", async () => {
    recorder.behave = async () => {
      throw new DocconvError("office-missing", "LibreOffice is missing.");
    };
    const consumer = queue.consume(recorder, 1);
    const first = job("c1");
    await queue.enqueue(first);
    await settled(first.id, "failed");
    await consumer.close();
    await queue.retry(first.id);
    const second = job("c2");
    await queue.enqueue(second);
    recorder.behave = async () => "done";
    queue.consume(recorder, 2);
    await settled(second.id, "completed");
    await settled(first.id, "completed");
    expect(recorder.cookies).toEqual(["c1", "c2"]);
  });

  it("runs a job that waits as soon as the most urgent of those that were merged into it", async () => {
    recorder.hold();
    queue.consume(recorder, 1);
    await queue.enqueue(job("first", { key: "k0" }));
    await waitFor(() => expect(recorder.runs).toHaveLength(1));
    await queue.enqueue(job("sweep", { key: "k1", priority: 100 }));
    await queue.enqueue(job("other", { key: "k2", priority: 50 }));
    await queue.enqueue(job("upload", { key: "k1", priority: 0 }));
    await queue.enqueue(job("no hurry", { key: "k1", priority: 70 }));
    recorder.release();
    await waitFor(() => expect(recorder.endings).toHaveLength(3));
    expect(recorder.cookies).toEqual(["first", "no hurry", "other"]);
  });

  it("ends a delayed job as soon as it is cancelled, and not what is enqueued after it", async () => {
    queue.consume(recorder, 1);
    const delayed = job("c1", { delayMs: 3_600_000 });
    await queue.enqueue(delayed);
    expect((await queue.status(delayed.id))?.state).toBe("delayed");
    expect(await queue.cancel(delayed.id)).toBe(true);
    await waitFor(() => expect(recorder.endings).toEqual(["c1 cancelled"]));
    expect((await queue.status(delayed.id))?.state).toBe("cancelled");
    expect(await queue.list("cancelled", 10)).toMatchObject([{ id: delayed.id }]);
    const next = job("c2");
    await queue.enqueue(next);
    await settled(next.id, "completed");
    expect(recorder.cookies).toEqual(["c2"]);
  });

  it("cancels the run that goes on, and leaves what was enqueued during it", async () => {
    recorder.hold();
    recorder.behave = async (run) => run.signal.throwIfAborted();
    queue.consume(recorder, 1);
    const first = job("c1");
    await queue.enqueue(first);
    await waitFor(() => expect(recorder.runs).toHaveLength(1));
    const second = job("c2");
    await queue.enqueue(second);
    expect(await queue.cancel(first.id)).toBe(true);
    await waitFor(() => expect(recorder.runs[0]?.signal.aborted).toBe(true));
    recorder.release();
    await settled(second.id, "completed");
    await waitFor(() => expect(recorder.endings).toEqual(["c1 cancelled", "c2 completed"]));
    expect(recorder.cookies).toEqual(["c1", "c2"]);
  });

  it("cancels a job that waits and a job that runs", async () => {
    recorder.hold();
    const waiting = job("c2", { key: "second" });
    const running = job("c1");
    queue.consume(recorder, 1);
    await queue.enqueue(running);
    await waitFor(() => expect(recorder.runs).toHaveLength(1));
    await queue.enqueue(waiting);
    expect(await queue.cancel(waiting.id)).toBe(true);
    expect(await queue.cancel(running.id)).toBe(true);
    recorder.behave = async (run) => {
      run.signal.throwIfAborted();
    };
    await waitFor(() => expect(recorder.runs[0]?.signal.aborted).toBe(true));
    recorder.release();
    await settled(running.id, "cancelled");
    await settled(waiting.id, "cancelled");
    await waitFor(() => expect(recorder.endings.toSorted()).toEqual(["c1 cancelled", "c2 cancelled"]));
    expect(recorder.runs).toHaveLength(1);
    expect(await queue.cancel("job-never")).toBe(false);
    // A cancelled job does not take a later one of its key with it.
    const later = job("c3");
    await queue.enqueue(later);
    recorder.behave = async () => "done";
    await settled(later.id, "completed");
  });

  it("runs urgent jobs first, and in the order of their enqueue otherwise", async () => {
    recorder.hold();
    queue.consume(recorder, 1);
    await queue.enqueue(job("first", { key: "k0" }));
    await waitFor(() => expect(recorder.runs).toHaveLength(1));
    await queue.enqueue(job("late", { key: "k1", priority: 9 }));
    await queue.enqueue(job("a", { key: "k2", priority: 1 }));
    await queue.enqueue(job("b", { key: "k3", priority: 1 }));
    recorder.release();
    await waitFor(() => expect(recorder.endings).toHaveLength(4));
    expect(recorder.cookies).toEqual(["first", "a", "b", "late"]);
  });

  it("puts back what a stop cuts short, for the next worker, as the same attempt", async () => {
    recorder.behave = (run) =>
      new Promise((_resolve, reject) =>
        run.signal.addEventListener("abort", () => reject(run.signal.reason)),
      );
    const consumer = queue.consume(recorder, 1);
    const first = job("c1");
    await queue.enqueue(first);
    await waitFor(() => expect(recorder.runs).toHaveLength(1));
    await consumer.close(10);
    expect((await queue.status(first.id))?.state).toBe("waiting");
    recorder.behave = async () => "done";
    queue.consume(recorder, 1);
    await settled(first.id, "completed");
    expect(recorder.runs.map((run) => run.attempt)).toEqual([1, 1]);
    expect(recorder.endings).toEqual(["c1 completed"]);
  });
});
