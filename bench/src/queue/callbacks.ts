/** Callback jobs a second, ten at once, beside Celery: the same view, each round of both after the other. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { median, printFigures, ratioFigure, valueFigure, type Figure } from "../push-server/figure.ts";
import { AppendOnlyRedis } from "./append-only-redis.ts";
import { View } from "./view.ts";
import { Site } from "./worker-program.ts";

const ROUNDS = 5;
const JOBS = 4000;
const CELERY_JOBS = 1000;
const CONCURRENCY = 10;
const SILENCE_MS = 30_000;
/** Debian's: python3-celery, python3-redis, python3-requests. */
const PYTHON = "/usr/bin/python3";
const TASKS = fileURLToPath(new URL("celery_tasks.py", import.meta.url));

export async function callbacks(): Promise<readonly Figure[]> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await measure(JOBS, runOurs));
    theirs.push(await measure(CELERY_JOBS, runCelery));
    console.error(`round ${round + 1}: ${rate(ours)} and ${rate(theirs)} jobs a second`);
  }
  const [here, there] = [median(ours), median(theirs)];
  return [
    ratioFigure("time of a callback job, ten at once", 1000 / here, ["Celery", 1000 / there], "ms", {
      atLeast: 7,
    }),
    valueFigure("callback jobs a second, ten at once", here, "/s", undefined, { Celery: there }),
  ];
}

function rate(values: readonly number[]): string {
  return (values.at(-1) ?? 0).toFixed(0);
}

type Run = (redisUrl: string, view: View, jobs: number) => Promise<() => Promise<void>>;

/** Jobs a second, from the first call to the last; they stand on the queue before the worker starts. */
async function measure(jobs: number, run: Run): Promise<number> {
  const redis = await AppendOnlyRedis.start();
  const view = await View.start(0);
  try {
    const stop = await run(redis.url, view, jobs);
    await view.done(jobs, SILENCE_MS);
    await stop();
    const first = view.calls[0]?.startedAt ?? Number.NaN;
    const last = view.calls.at(-1)?.startedAt ?? Number.NaN;
    if (view.work.size !== jobs) throw new Error(`${view.work.size} of ${jobs} jobs were called.`);
    return ((jobs - 1) * 1000) / (last - first);
  } finally {
    await view.close();
    await redis.close();
  }
}

async function runOurs(redisUrl: string, view: View, jobs: number): Promise<() => Promise<void>> {
  const site = await Site.start(redisUrl, view.url);
  for (let start = 0; start < jobs; start += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => site.enqueue(start + index)));
  }
  await site.startWorker({ DOCCONV_CONCURRENCY: String(CONCURRENCY), DOCCONV_SOFFICE: "/none" });
  return () => site.close();
}

async function runCelery(redisUrl: string, view: View, jobs: number): Promise<() => Promise<void>> {
  const broker = `${redisUrl}/0`;
  const enqueue = python(broker, "enqueue", String(jobs), `${view.url}/@@task`);
  const [code] = (await once(enqueue, "exit")) as [number];
  if (code !== 0)
    throw new Error("Celery does not run: apt-get install python3-celery python3-redis python3-requests");
  const worker = python(broker, "work", String(CONCURRENCY));
  return async () => {
    const exited = once(worker, "exit");
    worker.kill("SIGTERM");
    await exited;
  };
}

function python(...args: readonly string[]): ChildProcess {
  return spawn(PYTHON, [TASKS, ...args], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: "/usr/bin:/bin", C_FORCE_ROOT: "1" },
  });
}

if (import.meta.main) await printFigures(callbacks);
