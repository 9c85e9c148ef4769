import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { samplePdf } from "./testing/sample-pdf.ts";
import { NO_OFFICE, startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";
import { startRedis, type TestRedis } from "./testing/test-redis.ts";

/** For a slow machine; what is waited for comes at once otherwise. */
const PATIENCE = { timeout: 10_000 };

/** The cookie, basic authentication and the token of a form: none of them may stand anywhere. */
const SECRETS = ["jane-ticket", "canary-basic", "canary-token"];

const log: string[] = [];

function write(...entry: unknown[]): void {
  log.push(inspect(entry, { depth: 20, showHidden: true }));
}

describe("credentials", () => {
  let redis: TestRedis;
  let test: TestDocconv;

  beforeAll(async () => {
    redis = await startRedis();
    test = await startTestDocconv({
      soffice: NO_OFFICE,
      redisUrl: redis.url,
      credentialKey: "a key that only the worker knows, here",
      callbackBases: ["http://127.0.0.1:1"],
      callbackAttempts: { attempts: 2, backoffMs: 5, backoffDoubles: false },
      logger: { debug: write, info: write, warn: write, error: write },
    });
  });
  afterAll(async () => {
    await test.close();
    await redis.close();
  });

  it("stand in no job, no log, no message, no file and no byte that Redis ever got", async () => {
    await test.upload("good", { bytes: samplePdf(2), name: "good.pdf" });
    await test.upload("bad", { bytes: Buffer.from("%PDF-"), name: "bad.pdf" });
    const gone = {
      uid: "gone",
      url: `${test.cms.url}/documents/x`,
      download: "http://elsewhere.example/?__ac=1",
    };
    const lost = await test.upload("x", { bytes: samplePdf(1), name: "x.pdf" }, { document: gone });
    const { id: called } = await test.docconv.enqueue({
      kind: "callback",
      user: "jane",
      task: "notify",
      url: "http://127.0.0.1:1/view",
      cookie: "__ac=jane-ticket",
      authorization: "Basic canary-basic",
      authenticator: "canary-token",
    });
    await test.announced("good", "done");
    await test.announced("bad", "failed");
    await test.announced("gone", "failed");
    await vi.waitFor(
      async () => expect((await test.docconv.queue.status(called))?.state).toBe("failed"),
      PATIENCE,
    );
    const jobs = await Promise.all([lost, called].map((id) => test.docconv.queue.status(id)));
    // Sealed they were there, and when the jobs had ended they were deleted; those of the two that failed expire.
    const connection = redis.connect();
    await vi.waitFor(async () => {
      const kept = await connection.keys("docconv:credential:*");
      expect(kept).toHaveLength(2);
      for (const key of kept) expect(await connection.ttl(key)).toBeGreaterThan(0);
    }, PATIENCE);
    const written = await redis.written();
    expect(written).toContain("docconv:credential:");

    const files = await readdir(test.dataDir, { recursive: true, withFileTypes: true });
    const contents = files
      .filter((file) => file.isFile())
      .map((file) => readFile(join(file.parentPath, file.name), "latin1"));
    const places = {
      jobs: JSON.stringify([jobs, await test.docconv.queue.list("failed", 100)]),
      log: log.join("\n"),
      messages: JSON.stringify(test.messages),
      redis: written,
      files: (await Promise.all(contents)).join("\n"),
    };
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, place).toBeGreaterThan(50);
      for (const secret of SECRETS) expect(text.includes(secret), `${secret} in ${place}`).toBe(false);
    }
  });
});
