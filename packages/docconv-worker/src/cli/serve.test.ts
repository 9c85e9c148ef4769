import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { listen } from "program-operations";
import type { Message } from "push-protocol";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createJobClient } from "../job-client.ts";
import { samplePdf } from "../testing/sample-pdf.ts";
import { startTestCms, type TestCms } from "../testing/test-cms.ts";
import { NO_OFFICE, TEST_SECRET } from "../testing/test-docconv.ts";
import { runProgram, startProgram, type TestProgram } from "../testing/test-program.ts";
import { PUSH_SECRET, startTestPush, type TestPush } from "../testing/test-push.ts";
import { startRedis, type TestRedis } from "../testing/test-redis.ts";

const WAIT = { timeout: 60_000, interval: 20 };
const CREDENTIAL_KEY = "the key that seals cookies in this test";
/** Jane's cookie, and what is configured: none of it may stand in what the program writes. */
const SECRETS = ["jane-ticket", TEST_SECRET, PUSH_SECRET, CREDENTIAL_KEY];

let cms: TestCms;
let push: TestPush;
let dataDir: string;
const programs: TestProgram[] = [];

beforeEach(async () => {
  cms = await startTestCms();
  push = await startTestPush();
  dataDir = await mkdtemp(join(tmpdir(), "docconv-serve-"));
});
afterEach(async () => {
  for (const program of programs) program.process.kill("SIGKILL");
  await Promise.all(programs.splice(0).map(({ ended }) => ended));
  await push.close();
  await cms.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Started by what stands in the environment, as in production. */
async function serve(env: Readonly<Record<string, string>>): Promise<TestProgram> {
  const program = startProgram(["serve"], {
    DOCCONV_CMS_URL: cms.url,
    DOCCONV_CMS_ADAPTER: JSON.stringify({ kind: "generic", url: "{site}/me", userId: "/id" }),
    DOCCONV_CMS_VIEW_PROBE: JSON.stringify({ uidUrl: "{site}/documents/{uid}" }),
    DOCCONV_JOBS_SECRET: TEST_SECRET,
    DOCCONV_DATA_DIR: dataDir,
    DOCCONV_PORT: "0",
    DOCCONV_OPERATIONS_PORT: "0",
    DOCCONV_LOG_LEVEL: "debug",
    DOCCONV_SOFFICE: NO_OFFICE,
    ...env,
  });
  programs.push(program);
  await program.logged("Started.");
  return program;
}

async function urlOf(program: TestProgram, sentence: string): Promise<string> {
  return String((await program.logged(sentence))["url"]);
}

async function upload(
  program: TestProgram,
  uid: string,
  bytes: Uint8Array,
  download = `${cms.url}/documents/${uid}/file`,
): Promise<string> {
  cms.documents.set(uid, { bytes, name: `${uid}.pdf`, readers: ["jane"] });
  const url = await urlOf(program, "Jobs and previews are served.");
  const { id } = await createJobClient({ url, secret: TEST_SECRET }).enqueue({
    kind: "docconv",
    user: "jane",
    cookie: "theme=dark; __ac=jane-ticket",
    document: { uid, url: `${cms.url}/documents/${uid}`, name: `${uid}.pdf`, download },
  });
  return id;
}

function announced(messages: readonly Message[], uid: string, kind: string): Promise<Message> {
  return vi.waitFor(() => {
    const message = messages.find((each) => each.key === `preview:${uid}` && each.kind === kind);
    if (!message) throw new Error(`No ${kind} for ${uid}: ${programs.map(({ stdout }) => stdout()).join()}`);
    return message;
  }, WAIT);
}

async function published(connection: Redis): Promise<Message[]> {
  const entries = await connection.xrange("push:log", "-", "+");
  return entries.map(([, fields]) => JSON.parse(fields[3] ?? "{}") as Message);
}

function expectNoSecrets(program: TestProgram): void {
  const written = program.stdout() + program.stderr();
  expect(written.length).toBeGreaterThan(100);
  for (const secret of SECRETS) expect(written.includes(secret), secret).toBe(false);
}

describe("the program, in one process", () => {
  it("takes jobs, converts, publishes, serves, is watched and stops, and writes no secret", async () => {
    const secretFile = join(dataDir, "push-secret");
    await writeFile(secretFile, `${PUSH_SECRET}\n`);
    const env = { DOCCONV_PUSH_URL: push.url, DOCCONV_PUSH_SECRET_FILE: secretFile };
    const program = await serve(env);
    await upload(program, "plan", samplePdf(3));
    const done = await announced(push.messages, "plan", "done");
    expect(done.to).toEqual(["user:jane", "object:plan"]);
    await upload(program, "broken", Buffer.from("%PDF-"));
    await announced(push.messages, "broken", "failed");

    const url = await urlOf(program, "Jobs and previews are served.");
    const headers = { cookie: "__ac=jane-ticket" };
    const image = await fetch(`${url}/previews/plan/pages/2/normal`, { headers });
    expect([image.status, image.headers.get("content-type")]).toEqual([200, "image/webp"]);
    expect((await fetch(`${url}/previews/plan/pages/2/normal`)).status).toBe(401);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);

    const operations = await urlOf(program, "Metrics and health are served.");
    expect((await fetch(`${operations}/healthz`)).status).toBe(200);
    const ready = await fetch(`${operations}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, detail: "The queue answers." }]);
    const metrics = await (await fetch(`${operations}/metrics`)).text();
    expect(metrics).toMatch(/^docconv_convert_seconds_count\{converter="\w+",outcome="done"\} 1$/m);
    expect(metrics).toMatch(/^docconv_convert_seconds_count\{converter="\w+",outcome="damaged-file"\} 1$/m);
    expect(metrics).toMatch(/^docconv_first_page_seconds_count\{converter="\w+"\} 1$/m);
    expect(metrics).toMatch(/^docconv_jobs_accepted_total\{kind="docconv",outcome="queued"\} 2$/m);
    expect(metrics).toMatch(/^docconv_job_seconds_count\{kind="docconv",outcome="completed"\} 2$/m);
    expect(metrics).toMatch(/^docconv_queue_jobs\{state="completed"\} 2$/m);
    expect(metrics).toMatch(/^process_resident_memory_bytes /m);
    for (const name of ["jane", "plan", "broken"]) expect(metrics).not.toContain(name);

    program.process.kill("SIGTERM");
    expect(await program.ended).toBe(0);
    await program.logged("Stopped.");
    expectNoSecrets(program);
  }, 60_000);

  it("tells the push server again when that was away", async () => {
    const program = await serve({ DOCCONV_PUSH_URL: push.url, DOCCONV_PUSH_SECRET: PUSH_SECRET });
    push.outage = 503;
    await upload(program, "plan", samplePdf(1));
    await vi.waitFor(() => expect(push.requests).toBeGreaterThan(1), WAIT);
    push.outage = undefined;
    await announced(push.messages, "plan", "done");
    expectNoSecrets(program);
  }, 60_000);
});

describe("the program, on Redis", () => {
  let redis: TestRedis;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.close());

  it("is an api and a worker apart; what a stop cuts short, another worker finishes", async () => {
    // It sends the first one that asks a part of the document, and leaves it waiting for the rest.
    const arrived = Promise.withResolvers<void>();
    let requests = 0;
    const archive = createServer((_request, response) => {
      requests += 1;
      if (requests > 1) response.end(samplePdf(20));
      else response.write(samplePdf(20).subarray(0, 100), () => arrived.resolve());
    });
    const listener = await listen(archive, "127.0.0.1", 0);
    onTestFinished(() => listener.close());
    const env = {
      REDIS_URL: redis.url,
      DOCCONV_CREDENTIAL_KEY: CREDENTIAL_KEY,
      DOCCONV_CMS_DOCUMENT_BASES: listener.url,
    };
    const api = await serve({ ...env, DOCCONV_RUN: "api" });
    const first = await serve({ ...env, DOCCONV_RUN: "worker", DOCCONV_SHUTDOWN_TIMEOUT_MS: "4s" });
    const id = await upload(api, "plan", samplePdf(20), `${listener.url}/plan.pdf`);
    await arrived.promise;
    first.process.kill("SIGTERM");
    expect(await first.ended, first.stdout()).toBe(0);
    const second = await serve({ ...env, DOCCONV_RUN: "worker" });
    const connection = redis.connect();
    const messages = await vi.waitFor(async () => {
      const all = await published(connection);
      expect(all.map(({ kind }) => kind)).toContain("done");
      return all;
    }, WAIT);
    expect(messages.at(-1)?.html?.match(/<figure/g)).toHaveLength(20);
    expect(messages.filter(({ kind }) => kind === "done")).toHaveLength(1);
    expect(messages.filter(({ kind }) => kind === "failed")).toEqual([]);

    const operations = await urlOf(api, "Metrics and health are served.");
    expect((await fetch(`${operations}/readyz`)).status).toBe(200);
    const shown = await runProgram(["queue", "show", id], { REDIS_URL: redis.url });
    expect(JSON.parse(shown.stdout)).toMatchObject({ state: "completed", key: "docconv:plan" });
    for (const program of [api, first, second]) expectNoSecrets(program);
  }, 120_000);

  it("says when Redis is away, and that it may lose jobs", async () => {
    const connection = redis.connect();
    await connection.config("SET", "appendonly", "no");
    const program = await serve({
      REDIS_URL: redis.url,
      DOCCONV_CREDENTIAL_KEY: CREDENTIAL_KEY,
      DOCCONV_RUN: "api",
    });
    await program.logged("Redis loses acknowledged jobs when it is killed: set `appendonly yes`");
    const operations = await urlOf(program, "Metrics and health are served.");
    connection.disconnect();
    await redis.close();
    const response = await vi.waitFor(async () => {
      const now = await fetch(`${operations}/readyz`);
      expect(now.status).toBe(503);
      return now;
    }, WAIT);
    expect(await response.json()).toMatchObject({
      ready: false,
      detail: expect.stringContaining("Redis") as string,
    });
    expect((await fetch(`${operations}/healthz`)).status).toBe(200);
    expect((await fetch(`${operations}/metrics`)).status).toBe(200);
    program.process.kill("SIGTERM");
    await program.ended;
    redis = await startRedis(); // for the next one to close
  }, 60_000);
});

describe("the program, wrongly set up", () => {
  it("names everything that is wrong, and ends", async () => {
    const { status, stderr } = await runProgram(
      ["serve", "--run", "worker", "--scales", "large", "--prot=1"],
      {
        DOCCONV_CMS_URL: cms.url,
        DOCCONV_JOBS_SECRET: "short",
      },
    );
    expect(status).toBe(78);
    expect(stderr).toMatch(/--prot .*Did you mean --port\?/);
    expect(stderr).toMatch(/jobsSecret \(from DOCCONV_JOBS_SECRET\): It is too short/);
    expect(stderr).not.toContain('"short"');
    const rest = await runProgram(["check-config", "--run", "worker", "--scales", "large"], {
      DOCCONV_CMS_URL: cms.url,
      DOCCONV_JOBS_SECRET: TEST_SECRET,
      DOCCONV_SNIPPET_SCALE: "huge",
      DOCCONV_PUSH_URL: push.url,
    });
    expect(rest.status).toBe(78);
    for (const key of ["run", "scales", "snippetScale", "pushSecret"]) {
      expect(rest.stderr).toMatch(new RegExp(`^  ${key}(?: \\(from [^)]+\\))?: `, "m"));
    }
  });

  it("says which port it cannot open", async () => {
    const program = startProgram(["--port", new URL(cms.url).port], {
      DOCCONV_CMS_URL: cms.url,
      DOCCONV_JOBS_SECRET: TEST_SECRET,
      DOCCONV_DATA_DIR: dataDir,
      DOCCONV_PUSH_URL: push.url,
      DOCCONV_PUSH_SECRET: PUSH_SECRET,
      DOCCONV_SOFFICE: NO_OFFICE,
    });
    programs.push(program);
    expect(await program.ended).toBe(69);
    expect(program.stdout()).toContain("another program has this port");
  });
});
