import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJobClient } from "docconv-worker";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Status } from "../status/status-report.ts";
import { TestCms } from "../testing/test-cms.ts";
import { TestProgram } from "../testing/test-program.ts";
import { TestRedis } from "../testing/test-redis.ts";

const STATUS_SECRET = "a-status-secret-of-the-tests";
const JOBS_SECRET = "a-jobs-secret-of-the-tests";
const BEARER = { Authorization: `Bearer ${STATUS_SECRET}` };

const PATIENCE = { timeout: 40_000, interval: 200 };

interface Options {
  readonly embedded?: boolean;
  readonly redis?: TestRedis;
}

async function start({ embedded = false, redis }: Options = {}) {
  const cms = await TestCms.start();
  onTestFinished(() => cms.close());
  cms.addUser("jane", ["staff"]);
  cms.addUser("ada", ["Administrators"]);
  const dataDir = await mkdtemp(join(tmpdir(), "push-status-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const running = await TestProgram.start({
    cms,
    args: embedded ? ["--embedded"] : [],
    env: {
      PUSH_STATUS_SECRET: STATUS_SECRET,
      DOCCONV_JOBS_SECRET: JOBS_SECRET,
      DOCCONV_CREDENTIAL_KEY: "a-credential-key-of-the-tests-of-32-characters",
      DOCCONV_DATA_DIR: dataDir,
      ...(redis && { REDIS_URL: redis.url }),
    },
  });
  const ask = (headers: Readonly<Record<string, string>>) => fetch(`${running.url}/status`, { headers });
  return { cms, running, ask };
}

async function statesOf(response: Response): Promise<Record<string, string>> {
  const status = (await response.json()) as Status;
  return Object.fromEntries(status.checks.map(({ name, state, detail }) => [name, `${state}: ${detail}`]));
}

describe("the status page", () => {
  it.each(["in memory", "on Redis"])(
    "with an embedded worker sends a document and a message all the way (%s)",
    { timeout: 60_000 },
    async (mode) => {
      const redis = mode === "on Redis" ? await TestRedis.start() : undefined;
      if (redis) onTestFinished(() => redis.close());
      const { ask } = await start({ embedded: true, ...(redis && { redis }) });
      const response = await ask(BEARER);
      expect(response.headers.get("content-type")).toBe("application/json");
      const states = await statesOf(response);
      expect(states).toMatchObject({
        CMS: expect.stringMatching(/^ok: The CMS answers/) as string,
        "Kept messages": "ok: Who was away gets what was missed.",
        Connections: "ok: There is room for more.",
        "A message, from the log to a browser": "ok: It was published, and came.",
        "Queue and workers": "ok: Jobs are taken off it, and none has failed.",
        "A document, from the queue to a browser": "ok: It was converted, and its preview announced.",
      });
      // The one before left nothing in the way of the next.
      expect(
        Object.values(await statesOf(await ask(BEARER))).filter((state) => !state.startsWith("ok")),
      ).toEqual([]);
    },
  );

  it("is a page for administrators of the CMS, and for nobody else", async () => {
    const { running, ask } = await start();
    const page = await ask({ Cookie: "__ac=ada", Accept: "text/html,*/*" });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain("Everything works.");
    expect((await ask({ Cookie: "__ac=ada", "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
    expect((await ask({ Cookie: "__ac=jane" })).status).toBe(403);
    expect((await ask({ Cookie: "__ac=nobody" })).status).toBe(401);
    expect((await ask({})).status).toBe(401);
    expect((await ask({ Authorization: "Bearer of something else" })).status).toBe(401);
    const forged = `__ac=push-server-status.99999999999999.00.${"0".repeat(64)}`;
    expect((await ask({ Cookie: forged })).status).toBe(401);
    expect((await fetch(`${running.url}/status`, { method: "POST", headers: BEARER })).status).toBe(405);
  });

  it("says what is wrong, and what to do", { timeout: 60_000 }, async () => {
    const redis = await TestRedis.start();
    onTestFinished(() => redis.close());
    const { cms, running, ask } = await start({ redis });
    expect(await statesOf(await ask(BEARER))).toMatchObject({
      "Queue and workers": "ok: No job was ever put on a queue in this Redis.",
    });
    cms.status = 500;
    await redis.stop("SIGKILL");
    await running.logged("Redis does not answer.");
    // What was found is told to everybody for a second.
    await vi.waitFor(async () => {
      const states = await statesOf(await ask(BEARER));
      expect(states["CMS"]).toMatch(/^wrong: The CMS/);
      expect(states["Redis"]).toMatch(/^wrong: Redis does not answer: check that it runs/);
      expect(states["A message, from the log to a browser"]).toMatch(
        /^wrong: Redis did not take the message/,
      );
    }, PATIENCE);
    expect((await ask({ Cookie: "__ac=ada" })).status).toBe(503);
  });

  it(
    "sees the workers of other processes on the same Redis, and why jobs failed, and tries them again",
    { timeout: 120_000 },
    async () => {
      const redis = await TestRedis.start();
      onTestFinished(() => redis.close());
      const { cms, running: worker, ask: askWorker } = await start({ embedded: true, redis });
      await askWorker(BEARER);
      const { running: beside, ask } = await start({ redis });
      expect(await statesOf(await ask(BEARER))).toMatchObject({
        "Queue and workers": "ok: Jobs are taken off it, and none has failed.",
      });
      const jobs = createJobClient({ url: worker.origin, secret: JOBS_SECRET });
      const document = { uid: "u", url: `${cms.url}/x`, download: `${cms.url}/whoami` };
      await jobs.enqueue({ kind: "docconv", user: "jane", cookie: "__ac=nobody", document });
      await vi.waitFor(async () => {
        for (const asking of [ask, askWorker]) {
          const { checks } = (await (await asking(BEARER)).json()) as Status;
          const queue = checks.find(({ name }) => name === "Queue and workers");
          expect(queue).toMatchObject({ state: "warning", facts: { failed: 1, workers: 1 } });
          expect(queue?.cases).toEqual([expect.stringMatching(/^docconv [^:]+: [A-Z].*\.$/)]);
        }
      }, PATIENCE);
      const page = await ask({ ...BEARER, Accept: "text/html" });
      const html = await page.text();
      expect(html).toMatch(/<title>! push-server: .*<li>docconv /s);

      const [, path = ""] =
        /<form method="post" action="(\/push\/status\/jobs\/[\w-]+\/retry)">/.exec(html) ?? [];
      const retry = (headers: Readonly<Record<string, string>>, at = beside, method = "POST") =>
        fetch(at.origin + path, { method, headers, redirect: "manual" });
      const here = { "Sec-Fetch-Site": "same-origin" };
      expect((await retry(BEARER, beside, "GET")).status).toBe(405);
      expect((await retry({ Cookie: "__ac=ada", "Sec-Fetch-Site": "same-site" })).status).toBe(403);
      expect((await retry({ Cookie: "__ac=ada", Origin: "https://evil.example" })).status).toBe(403);
      expect((await retry({ Cookie: "__ac=ada" })).status).toBe(403);
      expect((await retry({ Cookie: "__ac=jane", ...here })).status).toBe(403);
      expect((await retry(here)).status).toBe(401);
      const again = await retry({ Cookie: "__ac=ada", Accept: "text/html", ...here });
      expect([again.status, again.headers.get("location")]).toEqual([303, "/push/status"]);
      // It fails again, as dead as before; this time the one that hosts the worker is asked.
      await vi.waitFor(async () => expect((await retry(BEARER, worker)).status).toBe(200), PATIENCE);
      const unknown = `${worker.origin}/push/status/jobs/unheard/retry`;
      expect((await fetch(unknown, { method: "POST", headers: BEARER })).status).toBe(409);

      await worker.kill("SIGTERM");
      await vi.waitFor(async () => {
        expect(await statesOf(await ask(BEARER))).toMatchObject({
          "Queue and workers":
            "warning: Nobody takes jobs off the queue: start docconv-worker, with the same REDIS_URL.",
        });
      }, PATIENCE);
    },
  );
});
