import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { silentLogger } from "../logger.ts";
import { startRedis } from "../testing/test-redis.ts";
import { BullmqQueue } from "./bullmq-queue.ts";

const WAIT = { timeout: 30_000, interval: 20 };
const LOCK_MS = 1000;

it("runs a key once more after its worker was killed, however much was enqueued before and during that run", async () => {
  const server = await startRedis();
  onTestFinished(() => server.close());
  const connection = { redis: server.connect(), name: "test", prefix: "t:", lockMs: LOCK_MS };
  const queue = new BullmqQueue<string>({ ...connection, logger: silentLogger });
  onTestFinished(() => queue.close());
  const enqueue = (payload: string): Promise<object> =>
    queue.enqueue({
      id: payload,
      key: "plan",
      kind: "docconv",
      payload,
      delayMs: 0,
      priority: 0,
      attempts: 2,
      backoffMs: 5,
      backoffDoubles: false,
    });

  const program = fileURLToPath(new URL("../testing/queue-process.ts", import.meta.url));
  const options = JSON.stringify({ redisUrl: server.url, lockMs: LOCK_MS });
  const worker = spawn(process.execPath, ["--conditions=push-source", program, options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void worker.kill("SIGKILL"));
  const started: string[] = [];
  createInterface({ input: worker.stdout }).on("line", (line) => started.push(JSON.parse(line) as string));
  for (const payload of ["c1", "c2", "c3"]) await enqueue(payload);
  await vi.waitFor(() => expect(started).toHaveLength(1), WAIT);
  for (const payload of ["c4", "c5", "c6"]) await enqueue(payload);
  worker.kill("SIGKILL");

  const runs: string[] = [];
  const endings: string[] = [];
  queue.consume(
    {
      run: async (run) => void runs.push(run.payload),
      ended: async (payload, outcome) => void endings.push(`${payload} ${outcome}`),
    },
    2,
  );
  await vi.waitFor(async () => expect((await queue.status("c6"))?.state).toBe("completed"), WAIT);
  await vi.waitFor(async () => {
    expect(await queue.counts()).toMatchObject({ delayed: 0, waiting: 0, active: 0, failed: 0 });
  }, WAIT);
  // The first of them it had, or the newest of the three that it merged: it was killed, so it counts for nothing.
  expect(started).toHaveLength(1);
  expect(runs).toEqual(["c6"]);
  expect(endings).toEqual(["c6 completed"]);
  for (const id of ["c1", "c3", "c4", "c6"]) expect((await queue.status(id))?.state).toBe("completed");
}, 60_000);
