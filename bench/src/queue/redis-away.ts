/** Redis is away for 2, 12 and 40 s: how soon jobs run again when it is back, and with BullMQ as it comes. */
import { setTimeout as delay } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { printFigures, valueFigure, type Figure } from "../push-server/figure.ts";
import { AppendOnlyRedis } from "./append-only-redis.ts";
import { View } from "./view.ts";
import { Site } from "./worker-program.ts";

const OUTAGES_SECONDS = [2, 12, 40];
/** What waits when Redis goes away. */
const BACKLOG = 400;

export async function redisAway(): Promise<readonly Figure[]> {
  const redis = await AppendOnlyRedis.start();
  const view = await View.start(50);
  const site = await Site.start(redis.url, view.url);
  const plain = new PlainBullmq(redis.url);
  try {
    await site.startWorker();
    const figures: Figure[] = [];
    for (const [index, seconds] of OUTAGES_SECONDS.entries()) {
      for (let job = 0; job < BACKLOG; job += 1) await site.enqueue(index * BACKLOG + job);
      await plain.enqueue(BACKLOG);
      await redis.die();
      await delay(seconds * 1000);
      await redis.comeBack();
      const back = performance.now();
      const ours = await startAfter(back, () => view.calls.map(({ startedAt }) => startedAt));
      const theirs = await startAfter(back, () => plain.starts);
      const accepted = performance.now();
      await site.enqueue(1_000_000 + index);
      figures.push(
        valueFigure(
          `jobs run again after ${seconds} s without Redis`,
          ours,
          "s",
          { atMost: 2.5 },
          {
            "BullMQ's defaults": theirs,
          },
        ),
        valueFigure(
          "  and one more is taken in after",
          (performance.now() - accepted) / 1000,
          "s",
          undefined,
        ),
      );
      await view.done(index * BACKLOG + BACKLOG, 20_000);
    }
    return figures;
  } finally {
    await plain.close();
    await site.close();
    await view.close();
    await redis.close();
  }
}

/** Seconds until the first start after this point in time. */
async function startAfter(point: number, starts: () => readonly number[]): Promise<number> {
  for (;;) {
    const first = starts().find((at) => at > point);
    if (first !== undefined) return (first - point) / 1000;
    await delay(10);
  }
}

/** BullMQ with the connection that it makes by itself. */
class PlainBullmq {
  readonly starts: number[] = [];
  readonly #queue: Queue;
  readonly #worker: Worker;

  constructor(url: string) {
    const { hostname: host, port } = new URL(url);
    const connection = { host, port: Number(port) };
    this.#queue = new Queue("plain", { connection });
    this.#queue.on("error", () => undefined);
    this.#worker = new Worker(
      "plain",
      async () => {
        this.starts.push(performance.now());
        await delay(50);
      },
      { connection, concurrency: 2 },
    );
    this.#worker.on("error", () => undefined);
  }

  async enqueue(jobs: number): Promise<void> {
    await this.#queue.addBulk(Array.from({ length: jobs }, () => ({ name: "job", data: {} })));
  }

  async close(): Promise<void> {
    await this.#worker.close(true);
    await this.#queue.close();
  }
}

if (import.meta.main) await printFigures(redisAway);
