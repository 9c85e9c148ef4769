import { type ChildProcess, spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Message } from "push-protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { descendants, isRunning } from "./testing/process-tree.ts";
import { samplePdf } from "./testing/sample-pdf.ts";
import { startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";
import { startRedis, type TestRedis } from "./testing/test-redis.ts";
import type { WorkerProcessOptions } from "./testing/worker-process.ts";

const CREDENTIAL_KEY = "a key that all processes of a site share";
const WAIT = { timeout: 60_000, interval: 20 };

describe("a worker that is killed", () => {
  let redis: TestRedis;
  let test: TestDocconv;
  let messages: Message[];
  const workers: ChildProcess[] = [];

  beforeEach(async () => {
    messages = [];
    redis = await startRedis();
    test = await startTestDocconv({ redisUrl: redis.url, credentialKey: CREDENTIAL_KEY, run: "api" });
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) worker.kill("SIGKILL");
    await test.close();
    await redis.close();
  });

  function startWorker(): ChildProcess {
    const options: WorkerProcessOptions = {
      cmsUrl: test.cms.url,
      redisUrl: redis.url,
      dataDir: test.dataDir,
      credentialKey: CREDENTIAL_KEY,
      lockMs: 2000,
    };
    const program = fileURLToPath(new URL("testing/worker-process.ts", import.meta.url));
    const args = ["--conditions=push-source", program, JSON.stringify(options)];
    const worker = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: worker.stdout }).on("line", (line) =>
      messages.push(JSON.parse(line) as Message),
    );
    workers.push(worker);
    return worker;
  }

  it("leaves nothing behind, and its job to the next worker, which goes on where it stopped", async () => {
    const first = startWorker();
    const id = await test.upload("plan", { bytes: samplePdf(20), name: "plan.pdf" });
    await vi.waitFor(
      () => expect(messages.some(({ html }) => html?.includes("plan-page-1"))).toBe(true),
      WAIT,
    );
    const started = (await descendants(first.pid)).map(({ pid }) => pid);
    expect(started.length).toBeGreaterThan(0);
    first.kill("SIGKILL");
    await vi.waitFor(() => {
      expect(started.filter(isRunning)).toEqual([]);
    }, WAIT);
    expect(messages.some(({ kind }) => kind === "done")).toBe(false);

    startWorker();
    await vi.waitFor(() => expect(messages.some(({ kind }) => kind === "done")).toBe(true), WAIT);
    expect(messages.at(-1)?.html?.match(/<figure/g)).toHaveLength(20);
    const versions = messages.map(({ version }) => version ?? 0);
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
    await vi.waitFor(async () => {
      expect(await test.docconv.queue.status(id)).toMatchObject({
        state: "completed",
        result: { pages: 20 },
      });
    }, WAIT);
    // The folder of the one that was killed, with the document in it, is gone.
    expect(await readdir(join(test.dataDir, "work"))).toHaveLength(1);
  }, 120_000);
});
