import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listen } from "program-operations";
import { expect, it, onTestFinished, vi } from "vitest";
import { createJobClient } from "../job-client.ts";
import { samplePdf } from "../testing/sample-pdf.ts";
import { startTestCms } from "../testing/test-cms.ts";
import { NO_OFFICE, TEST_SECRET } from "../testing/test-docconv.ts";
import { runProgram, startProgram, type TestProgram } from "../testing/test-program.ts";
import { startRedis } from "../testing/test-redis.ts";

const WAIT = { timeout: 60_000, interval: 50 };
const CANARIES = ["jane-ticket", "canary-basic", "canary-token"];

async function everyFile(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const contents = files
    .filter((file) => file.isFile())
    .map(async (file) => {
      const path = join(file.parentPath, file.name);
      return `${path}\n${await readFile(path, "latin1").catch(() => "")}`;
    });
  return (await Promise.all(contents)).join("\n");
}

it("leaves no cookie anywhere: not in Redis, logs, metrics, answers or files, whatever crashes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "docconv-canary-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const redis = await startRedis();
  onTestFinished(() => redis.close());
  const cms = await startTestCms();
  onTestFinished(() => cms.close());
  // Each document of it, and each call of a view, hangs until the worker that asked is dead.
  let asked = 0;
  let hangs = true;
  const slow = createServer((_request, response) => {
    asked += 1;
    if (hangs) response.write(samplePdf(1).subarray(0, 500));
    else response.end(samplePdf(1));
  });
  const listener = await listen(slow, "127.0.0.1", 0);
  onTestFinished(() => listener.close());

  const programs: TestProgram[] = [];
  onTestFinished(async () => {
    for (const program of programs) program.process.kill("SIGKILL");
    await Promise.all(programs.map(({ ended }) => ended));
  });
  const start = async (run: string): Promise<TestProgram> => {
    const cwd = join(folder, `cwd-${programs.length}`);
    await mkdir(cwd);
    const env = {
      REDIS_URL: redis.url,
      DOCCONV_RUN: run,
      DOCCONV_CMS_URL: cms.url,
      DOCCONV_CMS_ADAPTER: JSON.stringify({ kind: "generic", url: "{site}/me", userId: "/id" }),
      DOCCONV_CMS_DOCUMENT_BASES: listener.url,
      DOCCONV_CALLBACK_BASES: listener.url,
      DOCCONV_JOBS_SECRET: TEST_SECRET,
      DOCCONV_CREDENTIAL_KEY: "the key that seals cookies in this test",
      DOCCONV_DATA_DIR: join(folder, "data"),
      DOCCONV_PORT: "0",
      DOCCONV_OPERATIONS_PORT: "0",
      DOCCONV_LOG_LEVEL: "debug",
      DOCCONV_SOFFICE: NO_OFFICE,
      DOCCONV_LOCK_MS: "2s",
    };
    const program = startProgram(["serve"], env, cwd);
    programs.push(program);
    await program.logged("Started.");
    return program;
  };
  const api = await start("api");
  const url = String((await api.logged("Jobs and previews are served."))["url"]);
  const jobs = createJobClient({ url, secret: TEST_SECRET });
  const secrets = {
    cookie: "__ac=jane-ticket; other=canary-basic",
    authorization: "Basic canary-basic",
    authenticator: "canary-token",
  };
  const { cookie } = secrets;
  const document = { uid: "plan", url: `${cms.url}/documents/plan`, download: `${listener.url}/plan.pdf` };
  const lost = { ...document, uid: "lost", download: `${cms.url}/documents/lost/file` };
  const { id: converting } = await jobs.enqueue({ kind: "docconv", user: "jane", cookie, document });
  const { id: calling } = await jobs.enqueue({
    kind: "callback",
    user: "jane",
    task: "t",
    url: listener.url,
    ...secrets,
  });
  await jobs.enqueue({ kind: "docconv", id: "dead", user: "jane", cookie, document: lost, expiresAt: 1 });

  for (const signal of ["SIGKILL", "SIGABRT", "SIGSEGV"] as const) {
    const before = asked;
    const worker = await start("worker");
    const limits = await readFile(`/proc/${worker.process.pid}/limits`, "utf8");
    expect(limits).toMatch(/^Max core file size +0 +0 /m);
    await vi.waitFor(() => expect(asked).toBeGreaterThanOrEqual(before + 2), WAIT);
    const operations = String((await worker.logged("Metrics and health are served."))["url"]);
    const metrics = await (await fetch(`${operations}/metrics`)).text();
    const work = await everyFile(join(folder, "data"));
    for (const canary of CANARIES) expect(metrics + work).not.toContain(canary);
    worker.process.kill(signal);
    await worker.ended;
  }
  hangs = false;
  await start("worker");
  const show = async (id: string): Promise<string> =>
    (await runProgram(["queue", "show", id], { REDIS_URL: redis.url })).stdout;
  await vi.waitFor(async () => {
    for (const id of [converting, calling]) expect(await show(id)).toContain('"completed"');
    expect(await show("dead")).toContain('"expired"');
  }, WAIT);

  const answers = await Promise.all([
    fetch(`${url}/jobs`, { method: "POST", body: JSON.stringify({ ...secrets, kind: "nonsense" }) }),
    fetch(`${url}/previews/plan`, { headers: { cookie } }),
    fetch(`${url}/previews/plan?__ac=jane-ticket`),
    fetch(`${url}/nothing?__ac=jane-ticket`, { headers: { cookie } }),
  ]);
  const connection = redis.connect();
  const places = {
    "what the programs wrote": programs.map(({ stdout, stderr }) => stdout() + stderr()).join("\n"),
    "the append-only file": await redis.written(),
    "the dump": await redis.dumped(),
    "the message log": JSON.stringify(await connection.xrange("push:log", "-", "+")),
    "the queue": (await Promise.all([converting, calling, "dead"].map(show))).join("\n"),
    answers: (await Promise.all(answers.map((answer) => answer.text()))).join("\n"),
    // Previews, work folders of the dead, and where a core file would be.
    files: await everyFile(folder),
  };
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(50);
    for (const canary of CANARIES) expect(text.includes(canary), `${canary} in ${place}`).toBe(false);
  }
  expect(places["files"]).not.toMatch(/\/core[.\w]*\n/);
}, 180_000);
