import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { SIGNATURE_HEADER, signBody } from "./job-signature.ts";
import { samplePdf } from "./testing/sample-pdf.ts";
import { NO_OFFICE, startTestDocconv, TEST_SECRET, type TestDocconv } from "./testing/test-docconv.ts";

function signed(what: string | Buffer): Record<string, string> {
  return { [SIGNATURE_HEADER]: signBody(TEST_SECRET, Buffer.from(what)) };
}

describe("previews", () => {
  let test: TestDocconv;

  beforeAll(async () => {
    test = await startTestDocconv({ soffice: NO_OFFICE, pageLimit: 3 });
    await test.upload("plan", { bytes: samplePdf(5, "Plan"), name: "Große Pläne.pdf" });
    await test.announced("plan", "done");
    await test.upload("broken", { bytes: Buffer.from("%PDF-1.4"), name: "broken.pdf" });
    await test.announced("broken", "failed");
    test.cms.documents.set("new", { bytes: samplePdf(1), name: "new.pdf", readers: ["jane"] });
  });
  afterAll(() => test.close());

  it("answer the questions of Plone Intranet's API", async () => {
    const { previews } = test.docconv;
    expect((await previews.get("plan")).map(({ page, width }) => [page, width])).toEqual([
      [1, 700],
      [2, 700],
      [3, 700],
    ]);
    expect((await previews.get("plan", "thumb"))[0]).toMatchObject({ width: 180, page: 1 });
    expect((await previews.get("plan", "no such scale"))[0]).toMatchObject({ width: 1000 });
    expect(await previews.get("new")).toEqual([]);
    expect(await previews.urls("new")).toEqual(["/previews/fallback.svg"]);
    expect(await previews.urls("plan", "preview")).toHaveLength(3);
    expect(previews.thumbnailUrl("plan")).toBe("/previews/plan/thumbnail");
    expect([await previews.hasPreviews("plan"), await previews.hasPreviews("broken")]).toEqual([true, false]);
    expect(await Promise.all(["plan", "broken", "new"].map((uid) => previews.hasSucceeded(uid)))).toEqual([
      true,
      false,
      undefined,
    ]);
    expect(previews.isAllowedType("application/pdf; a=b", "x")).toBe(true);
    expect(previews.isAllowedType("application/octet-stream", "x.DOCX")).toBe(true);
    expect(previews.isAllowedType("audio/mpeg", "x.mp3")).toBe(false);
  });

  it("keep the true count beside the pages that are shown", async () => {
    expect(await (await test.get("/previews/plan", "jane")).json()).toMatchObject({
      status: "succeeded",
      pages: 3,
      pageCount: 5,
      expectedPages: 3,
      hasPdf: true,
      hasText: true,
    });
    expect(await (await test.get("/previews/plan/snippet", "jane")).text()).toContain(
      "The first 3 of 5 pages",
    );
    expect(await (await test.get("/previews/new", "jane")).json()).toMatchObject({ status: "none" });
  });

  it.each([
    ["/pages/1/normal", "-1-normal"],
    ["/pages/0/normal", "-1-normal"],
    ["/pages/-7", "-1-normal"],
    ["/pages/99/small", "-3-small"],
    ["/pages/2/huge", "-2-large"],
    ["/docconv_image_preview.jpg?page=2", "-2-normal"],
    ["/docconv_image_thumb.jpg", "-1-small"],
    ["/thumbnail", "-1-small"],
  ])("serve %s by the old rules", async (path, page) => {
    const response = await test.get(`/previews/plan${path}`, "jane");
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toContain(page);
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
    const again = await fetch(test.url + `/previews/plan${path}`, {
      headers: { cookie: "__ac=jane-ticket", "if-none-match": response.headers.get("etag") ?? "" },
    });
    expect(again.status).toBe(304);
  });

  it("serve PDF and text, and a blank sheet where there is no thumbnail", async () => {
    const pdf = await test.get("/previews/plan/pdf", "jane");
    expect(pdf.headers.get("content-disposition")).toContain("Gro%C3%9Fe%20Pl%C3%A4ne.pdf");
    expect(Buffer.from(await pdf.arrayBuffer()).equals(samplePdf(5, "Plan"))).toBe(true);
    const text = await (await test.get("/previews/plan/text", "jane")).text();
    expect(text.split("\f")[2]).toContain("Line 5 of page 3");
    for (const uid of ["broken", "new"]) {
      const blank = await test.get(`/previews/${uid}/thumbnail`, "jane");
      expect([blank.status, blank.headers.get("content-type")]).toEqual([
        200,
        "image/svg+xml; charset=utf-8",
      ]);
      expect((await test.get(`/previews/${uid}/pages/1`, "jane")).status).toBe(404);
      expect((await test.get(`/previews/${uid}/pdf`, "jane")).status).toBe(404);
      expect((await test.get(`/previews/${uid}/text`, "jane")).status).toBe(404);
    }
    expect((await test.get("/previews/plan/nothing", "jane")).status).toBe(404);
    expect((await test.get("/previews/pl.an", "jane")).status).toBe(404);
  });

  it("are purged by who has the secret, and the content goes with its last document", async () => {
    await test.upload("one", { bytes: samplePdf(1, "Shared"), name: "one.pdf" });
    await test.announced("one", "done");
    await test.upload("two", { bytes: samplePdf(1, "Shared"), name: "two.pdf" });
    await test.announced("two", "done");
    const renditions = async (): Promise<number> =>
      (await readdir(join(test.dataDir, "previews", "renditions"), { recursive: true })).filter((name) =>
        name.endsWith("rendition.json"),
      ).length;
    const before = await renditions();
    expect((await fetch(`${test.url}/previews/one`, { method: "DELETE" })).status).toBe(401);
    const headers = signed("DELETE /previews/one");
    expect((await fetch(`${test.url}/previews/one`, { method: "DELETE", headers })).status).toBe(204);
    expect(await test.docconv.previews.hasPreviews("one")).toBe(false);
    expect(await test.docconv.previews.hasPreviews("two")).toBe(true);
    expect(await renditions()).toBe(before);
    await test.docconv.previews.purge("two");
    expect(await renditions()).toBe(before - 1);
  });

  it("are replaced when the document changes, and the old pages go", async () => {
    await test.upload("edited", { bytes: samplePdf(1, "Old"), name: "edited.pdf" });
    const old = await test.announced("edited", "done");
    test.messages.length = 0;
    await test.upload("edited", { bytes: samplePdf(2, "New"), name: "edited.pdf" });
    const next = await test.announced("edited", "done");
    expect(next.version).toBeGreaterThan(old.version ?? 0);
    expect(await test.docconv.previews.urls("edited")).toHaveLength(2);
    const oldMark = /\?v=(\w+)/.exec(old.html ?? "")?.[1] ?? "none";
    // Once the page has been told.
    await vi.waitFor(async () => {
      const names = await readdir(join(test.dataDir, "previews", "renditions"), { recursive: true });
      expect(names.some((name) => name.includes(oldMark.slice(0, 12)))).toBe(false);
    });
  });

  it("that are missing are made by a sweep, which can say first what it would do", async () => {
    const named = (uid: string, more: object = {}): object => ({
      uid,
      url: `${test.cms.url}/documents/${uid}`,
      download: `${test.cms.url}/documents/${uid}/file`,
      ...more,
    });
    const sweep = async (more: object): Promise<unknown> => {
      const documents = [
        named("plan"),
        named("broken"),
        named("new"),
        named("song", { name: "song.mp3" }),
        named("aged", { modifiedAt: 5 }),
      ];
      const request = { user: "jane", cookie: "__ac=jane-ticket", documents, modifiedSince: 10, ...more };
      const body = Buffer.from(JSON.stringify(request));
      const url = `${test.url}/previews/sweep`;
      return (await fetch(url, { method: "POST", body, headers: signed(body) })).json();
    };
    expect(await sweep({ dryRun: true })).toEqual({
      decisions: [
        { uid: "plan", action: "skip", reason: "up-to-date" },
        { uid: "broken", action: "convert", reason: "failed-before" },
        { uid: "new", action: "convert", reason: "no-preview" },
        { uid: "song", action: "skip", reason: "unsupported-format" },
        { uid: "aged", action: "skip", reason: "not-modified" },
      ],
    });
    expect(await test.docconv.previews.hasPreviews("new")).toBe(false);
    expect(await sweep({ dryRun: true, minWidth: 2000 })).toMatchObject({
      decisions: [{ uid: "plan", action: "convert", reason: "too-small" }, {}, {}, {}, {}],
    });
    await sweep({});
    await test.announced("new", "done");
    expect(await sweep({ colour: "red" })).toMatchObject({ code: "invalid-job" });
    expect((await fetch(`${test.url}/previews/sweep`, { method: "POST", body: "{}" })).status).toBe(401);
  });
});
