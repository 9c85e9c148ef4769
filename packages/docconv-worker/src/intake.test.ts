import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { SIGNATURE_HEADER, signBody } from "./job-signature.ts";
import { samplePdf } from "./testing/sample-pdf.ts";
import { NO_OFFICE, startTestDocconv, TEST_SECRET, type TestDocconv } from "./testing/test-docconv.ts";

const JOB = {
  kind: "docconv",
  user: "jane",
  cookie: "__ac=jane-ticket",
  document: { uid: "plan", url: "/documents/plan", download: "/documents/plan/file" },
};

const PATIENT = { timeout: 20_000, interval: 20 };

describe("the intake", () => {
  let test: TestDocconv;

  beforeAll(async () => {
    test = await startTestDocconv({ soffice: NO_OFFICE });
    test.cms.documents.set("plan", { bytes: samplePdf(1), name: "plan.pdf", readers: ["jane"] });
  });
  afterAll(() => test.close());

  async function post(body: string | object, signature?: string): Promise<Response> {
    const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    const headers = { [SIGNATURE_HEADER]: signature ?? signBody(TEST_SECRET, bytes) };
    return fetch(`${test.url}/jobs`, { method: "POST", body: bytes, headers });
  }

  it("answers with an id, and shows what becomes of the job to who has the secret", async () => {
    const { id } = (await (await post({ ...JOB, id: "my-job" })).json()) as { id: string };
    expect(id).toBe("my-job");
    await test.announced("plan", "done");
    const headers = { [SIGNATURE_HEADER]: signBody(TEST_SECRET, Buffer.from(`GET /jobs/${id}`)) };
    await vi.waitFor(async () => {
      const status = await (await fetch(`${test.url}/jobs/${id}`, { headers })).json();
      expect(status).toMatchObject({ id, state: "completed", result: { state: "done", pages: 1 } });
    }, PATIENT);
    expect((await fetch(`${test.url}/jobs/${id}`)).status).toBe(401);
    expect((await fetch(`${test.url}/jobs/${id}`, { headers, method: "DELETE" })).status).toBe(401);
  });

  it.each([
    ["no signature", "", 401, "bad-signature"],
    ["another secret", signBody("another", Buffer.from(JSON.stringify(JOB))), 401, "bad-signature"],
    [
      "an old signature",
      signBody(TEST_SECRET, Buffer.from(JSON.stringify(JOB)), Date.now() - 400_000),
      401,
      "stale-signature",
    ],
    [
      "a signature of tomorrow",
      signBody(TEST_SECRET, Buffer.from(JSON.stringify(JOB)), Date.now() + 400_000),
      401,
      "stale-signature",
    ],
  ])("refuses %s", async (_what, signature, status, code) => {
    const response = await post(JOB, signature);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it.each([
    ["no JSON", "nonsense", /not JSON/],
    ["another kind", { ...JOB, kind: "dance" }, /kind/],
    [
      "a uid that would break a selector",
      { ...JOB, document: { ...JOB.document, uid: 'a"b' } },
      /document\.uid/,
    ],
    ["a field that nobody knows", { ...JOB, colour: "red" }, /colour/],
    ["no allowed cookie", { ...JOB, cookie: "theme=dark" }, /cookie/],
    ["a topic that is none", { ...JOB, announce: { to: ["jane"] } }, /announce\.to\.0/],
  ])("names the fault of %s, and never a cookie", async (_what, job, text) => {
    const response = await post(job);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: string };
    expect(error).toMatch(text);
    expect(error).not.toContain("jane-ticket");
  });

  it("takes a request once that is sent twice, and says by how much two clocks differ", async () => {
    const body = JSON.stringify(JOB);
    const signature = signBody(TEST_SECRET, Buffer.from(body));
    const [first, replayed] = [await post(body, signature), await post(body, signature)];
    expect([first.status, replayed.status]).toEqual([202, 202]);
    expect(await replayed.json()).toEqual(await first.json());
    const late = await post(body, signBody(TEST_SECRET, Buffer.from(body), Date.now() + 400_000));
    const { error } = (await late.json()) as { error: string };
    expect(error).toMatch(/of a time \d+ s from now, and 300 s are allowed: .*clocks.*It is 20\d\d-/);
    // A signature of one thing is none for another.
    const headers = { [SIGNATURE_HEADER]: signBody(TEST_SECRET, Buffer.from("GET /jobs/my-job")) };
    expect((await fetch(`${test.url}/jobs/another`, { headers })).status).toBe(401);
  });

  it("starts a job when it is asked to, not after its credentials are gone", async () => {
    const runAt = Date.now() + 3_600_000;
    const document = { ...JOB.document, uid: "later" };
    expect((await post({ ...JOB, id: "later", document, runAt })).status).toBe(202);
    expect(await test.docconv.queue.status("later")).toMatchObject({ state: "delayed" });
    const headers = { [SIGNATURE_HEADER]: signBody(TEST_SECRET, Buffer.from("DELETE /jobs/later")) };
    const cancelled = await fetch(`${test.url}/jobs/later`, { headers, method: "DELETE" });
    expect(await cancelled.json()).toMatchObject({ state: "cancelled" });
    const tooLate = await post({ ...JOB, runAt: Date.now() + 7_300_000 });
    expect([tooLate.status, await tooLate.json()]).toEqual([
      400,
      {
        code: "invalid-job",
        error: expect.stringContaining("runAt: credentials are kept for 7200 s") as string,
      },
    ]);
    const { id } = (await (await post({ ...JOB, expiresAt: Date.now() - 1 })).json()) as { id: string };
    await vi.waitFor(async () => {
      expect(await test.docconv.queue.status(id)).toMatchObject({
        state: "failed",
        error: { code: "expired" },
      });
    }, PATIENT);
  });

  it("takes no more than it has to read", async () => {
    expect((await post({ ...JOB, cookie: "x".repeat(100_000) })).status).toBe(413);
  });

  it("is left alone for one request, and not for those beside it", async () => {
    const document = { ...JOB.document, uid: "quiet" };
    const job = { ...JOB, kind: "docconv", document } as const;
    const beside = test.jobs.enqueue({ ...job, id: "beside" });
    await test.jobs.withoutJobs(async () => {
      await beside;
      expect(await test.jobs.enqueue({ ...job, id: "within" })).toEqual({ id: "within", skipped: true });
    });
    expect(await test.docconv.queue.status("within")).toBeUndefined();
    expect(await test.docconv.queue.status("beside")).toMatchObject({ key: "docconv:quiet" });
    expect(await test.jobs.enqueue({ ...job, id: "after" })).toEqual({ id: "after" });
  });

  it("signs as the README shows it", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const signature = signBody(
      "the secret of this example",
      Buffer.from('{"kind":"docconv"}'),
      1_790_000_000_000,
    );
    expect(readme).toContain(`X-Push-Signature: ${signature}\n`);
  });

  it("is a few lines away from a CMS in Python", async () => {
    const script = `
import hashlib, hmac, json, sys, time, urllib.request, uuid
url, secret, job = sys.argv[1:]
body = json.dumps(dict(json.loads(job), id=str(uuid.UUID(int=7)))).encode()
now = str(int(time.time()))
sign = hmac.new(secret.encode(), now.encode() + b"." + body, hashlib.sha256).hexdigest()
headers = {"Content-Type": "application/json", "X-Push-Signature": "t=%s,v1=%s" % (now, sign)}
answer = urllib.request.urlopen(urllib.request.Request(url + "/jobs", body, headers), timeout=5)
print(answer.status, json.load(answer)["id"])
`;
    const job = JSON.stringify(JOB);
    const { stdout } = await promisify(execFile)("/usr/bin/python3", [
      "-c",
      script,
      test.url,
      TEST_SECRET,
      job,
    ]);
    expect(stdout.trim()).toBe("202 00000000-0000-0000-0000-000000000007");
  });
});
