/** Redis is killed when it has acknowledged 2,000 jobs, workers at work: what is lost, with and without its file. */
import { printFigures, valueFigure, type Figure } from "../push-server/figure.ts";
import { AppendOnlyRedis } from "./append-only-redis.ts";
import { View } from "./view.ts";
import { Site } from "./worker-program.ts";

const JOBS = 2000;
const AT_ONCE = 20;
const SILENCE_MS = 30_000;

export async function redisKilled(): Promise<readonly Figure[]> {
  const kept = await lose("yes");
  const control = await lose("no");
  return [
    valueFigure(
      "jobs lost, of 2,000 acknowledged by a Redis that is killed",
      kept.lost,
      "",
      { atMost: 0 },
      {
        "without its append-only file:": control.lost,
      },
    ),
    valueFigure("calls repeated, told apart by their Idempotency-Key", kept.repeated, "", undefined),
  ];
}

async function lose(appendOnly: "yes" | "no"): Promise<{ readonly lost: number; readonly repeated: number }> {
  const redis = await AppendOnlyRedis.start(appendOnly);
  const view = await View.start(5);
  const site = await Site.start(redis.url, view.url);
  try {
    const worker = site.startWorker();
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (next < JOBS) await site.enqueue(next++);
      }),
    );
    await worker;
    while (view.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await redis.die();
    await redis.comeBack();
    await view.done(JOBS, SILENCE_MS);
    return {
      lost: JOBS - view.work.size,
      repeated: view.calls.length - new Set(view.calls.map(({ job }) => job)).size,
    };
  } finally {
    await site.close();
    await view.close();
    await redis.close();
  }
}

if (import.meta.main) await printFigures(redisKilled);
