import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { samplePdf } from "./testing/sample-pdf.ts";
import { startRedis, type TestRedis } from "./testing/test-redis.ts";
import { NO_OFFICE, startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";

describe.each(["in memory", "with Redis"])("an upload, %s", (mode) => {
  let test: TestDocconv;
  let redis: TestRedis | undefined;

  beforeEach(async () => {
    redis = mode === "with Redis" ? await startRedis() : undefined;
    test = await startTestDocconv({
      soffice: NO_OFFICE,
      ...(redis && { redisUrl: redis.url, credentialKey: "k".repeat(32) }),
    });
  });
  afterEach(async () => {
    await test.close();
    await redis?.close();
  });

  it("is announced page by page, the first page before the others, and served at every scale", async () => {
    await test.upload("plan", { bytes: samplePdf(20), name: "plan.pdf" });
    const done = await test.announced("plan", "done");

    expect(done).toMatchObject({
      to: ["user:jane", "object:plan"],
      key: "preview:plan",
      target: "#preview-plan::element",
    });
    const first = test.messages.find((message) => message.html?.includes("plan-page-1"));
    expect(first?.kind).toBe("progress");
    expect(first?.html).not.toContain("plan-page-2");
    const versions = test.messages.map((message) => message.version ?? 0);
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));

    const status = (await (await test.get("/previews/plan", "jane")).json()) as {
      urls: { normal: { url: string; width: number; height: number }[] };
    };
    expect(status).toMatchObject({ status: "succeeded", pages: 20, pageCount: 20 });
    const link = status.urls.normal[6];
    const image = await test.get(link?.url ?? "", "jane");
    expect(image.headers.get("cache-control")).toContain("immutable");
    const { width, height, format } = await sharp(await image.arrayBuffer()).metadata();
    expect({ width, height, format }).toEqual({ width: 700, height: link?.height, format: "webp" });
    const snippet = await test.get("/previews/plan/snippet", "bob");
    expect(await snippet.text()).toBe(done.html);
  });

  it("is not converted again for the same content, whoever uploads it", async () => {
    await test.upload("first", { bytes: samplePdf(3), name: "a.pdf" });
    await test.announced("first", "done");
    await test.upload("second", { bytes: samplePdf(3), name: "b.pdf" });
    await test.announced("second", "done");
    const converting = test.messages.filter(
      (message) => message.key === "preview:second" && message.html?.includes("<progress"),
    );
    expect(converting.every((message) => !message.html?.includes("<figure"))).toBe(true);
  });

  it("stays in the page while it turns out that its content is the same", async () => {
    await test.upload("same", { bytes: samplePdf(2), name: "a.pdf" });
    await test.announced("same", "done");
    const shown = test.messages.length;
    await test.upload("same", { bytes: samplePdf(2), name: "a.pdf" });
    await expect.poll(() => test.messages.slice(shown).some(({ kind }) => kind === "done")).toBe(true);
    for (const message of test.messages.slice(shown)) expect(message.html).toContain("<figure");
  });

  it("is shown to nobody who may not view the document", async () => {
    await test.upload("plan", { bytes: samplePdf(1), name: "plan.pdf" });
    await test.announced("plan", "done");
    const paths = ["", "/snippet", "/pages/1/normal", "/thumbnail"].map((path) => `/previews/plan${path}`);
    for (const path of paths) {
      expect((await test.get(path, "bob")).status).toBe(200);
      expect((await test.get(path, "eve")).status).toBe(403);
      expect((await test.get(path)).status).toBe(401);
      expect((await test.get(path, "nobody")).status).toBe(401);
    }
    test.cms.outage = 500;
    expect((await test.get("/previews/plan", "bob")).status).toBe(503);
  });
});

describe("a conversion that fails on its way", () => {
  it.each([
    ["whose session is over", "__ac=of-yesterday", "session-expired", /logged out.*Log in/],
    ["who may not read it", "__ac=eve-ticket", "not-visible", /may not read/],
  ])("tells somebody %s so, and does not try again", async (_who, cookie, code, text) => {
    const test = await startTestDocconv({ soffice: NO_OFFICE });
    try {
      const id = await test.upload("plan", { bytes: samplePdf(1), name: "plan.pdf" }, { cookie });
      const failed = await test.announced("plan", "failed");
      expect(failed.to).toContain("user:jane");
      expect(failed.html).toMatch(text);
      await expect
        .poll(() => test.docconv.queue.status(id))
        .toMatchObject({ state: "failed", attempts: 1, error: { code } });
    } finally {
      await test.close();
    }
  });

  it("keeps the pages that were rendered, and says that some are missing", async () => {
    const test = await startTestDocconv({ soffice: NO_OFFICE, convertTimeoutMs: 6000 });
    try {
      // Each line is tens of thousands of dashes.
      const dashes = `[0.01 0.01] 0 d ${"0 0 m 595 842 l S ".repeat(20_000)}`;
      const bytes = samplePdf(4, "Slow", { drawing: (page) => (page === 3 ? dashes : "") });
      await test.upload("slow", { bytes, name: "slow.pdf" }, { announce: { to: ["all"] } });
      const done = await test.announced("slow", "done");
      expect(done.to).toEqual(["all"]);
      expect(done.html).toContain('data-state="partial"');
      expect(done.html).toContain("slow-page-2");
      expect(done.html).toContain("of 4 pages. The others could not be shown");
      const status = await test.docconv.previews.status("slow");
      expect(status).toMatchObject({ status: "succeeded", partial: true, pageCount: 4 });
    } finally {
      await test.close();
    }
  }, 60_000);
});
