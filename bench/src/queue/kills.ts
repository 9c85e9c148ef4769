/** 200 jobs of 300 ms on workers as they are shipped, of which 20 are killed: what is lost, repeated, and how late. */
import { setTimeout as delay } from "node:timers/promises";
import { printFigures, valueFigure, type Figure } from "../push-server/figure.ts";
import { AppendOnlyRedis } from "./append-only-redis.ts";
import { View, type Call } from "./view.ts";
import { Site } from "./worker-program.ts";

const JOBS = 200;
const KILLS = 20;
const WORKERS = 3;
const JOB_MS = 300;
/** A re-run later than this is none. */
const SILENCE_MS = 60_000;

export async function kills(): Promise<readonly Figure[]> {
  const redis = await AppendOnlyRedis.start();
  const view = await View.start(JOB_MS);
  const site = await Site.start(redis.url, view.url);
  try {
    const workers = await Promise.all(Array.from({ length: WORKERS }, () => site.startWorker()));
    let enqueued = 0;
    for (let killed = 0; killed < KILLS; killed += 1) {
      // As work comes in, so that every one that is killed has some.
      for (const until = enqueued + JOBS / KILLS; enqueued < until; enqueued += 1)
        await site.enqueue(enqueued);
      const [victim] = workers.splice(0, 1);
      if (!victim) break;
      const before = view.calls.length;
      while (view.calls.length === before) await delay(10);
      await delay(JOB_MS / 3);
      await site.kill(victim);
      workers.push(await site.startWorker());
    }
    await view.done(JOBS, SILENCE_MS);
    await recorded(site);
    const counts = await site.counts();
    const cut = view.calls.filter(({ callerLeftAt }) => callerLeftAt !== undefined);
    const repeated = view.calls.length - new Set(view.calls.map(({ job }) => job)).size;
    const twice = [...view.work.values()].filter((times) => times > 1).length;
    return [
      valueFigure("jobs lost, of 200 with 20 workers killed", JOBS - view.work.size, "", { atMost: 0 }),
      valueFigure("failed for stalling, or otherwise", counts.failed, "", { atMost: 0 }),
      valueFigure("not recorded as completed", JOBS - counts.completed, "", { atMost: 0 }),
      valueFigure("calls that a kill cut short", cut.length, "", undefined),
      valueFigure("latest re-run after its worker was killed", latest(view.calls, cut), "s", { atMost: 17 }),
      valueFigure("calls repeated, told apart by their Idempotency-Key", repeated, "", undefined),
      valueFigure("work done twice", twice, "", { atMost: 0 }),
    ];
  } finally {
    await site.close();
    await view.close();
    await redis.close();
  }
}

/** Resolves when the last job that a kill cut short has run again and is recorded, or will not be. */
async function recorded(site: Site): Promise<void> {
  for (const deadline = performance.now() + SILENCE_MS; performance.now() < deadline; await delay(100)) {
    if ((await site.counts()).completed === JOBS) return;
  }
}

/** Seconds from the death of a caller to the next call of the same job. */
function latest(calls: readonly Call[], cut: readonly Call[]): number {
  const waits = cut.map(({ job, callerLeftAt = 0 }) => {
    const again = calls.find((call) => call.job === job && call.startedAt > callerLeftAt);
    return again ? (again.startedAt - callerLeftAt) / 1000 : Number.POSITIVE_INFINITY;
  });
  return Math.max(0, ...waits);
}

if (import.meta.main) await printFigures(kills);
