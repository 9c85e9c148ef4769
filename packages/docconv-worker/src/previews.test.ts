import { readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { createCmsClient, type CmsClient } from "cms-client";
import { listen } from "program-operations";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { SIGNATURE_HEADER, signBody } from "./job-signature.ts";
import { samplePdf } from "./testing/sample-pdf.ts";
import { NO_OFFICE, startTestDocconv, TEST_SECRET, type TestDocconv } from "./testing/test-docconv.ts";

/** For a slow machine; what is waited for comes at once otherwise. */
const PATIENCE = { timeout: 10_000 };

function signed(what: string | Buffer): Record<string, string> {
  return { [SIGNATURE_HEADER]: signBody(TEST_SECRET, Buffer.from(what)) };
}

/** The test's CMS, whose documents are also elsewhere. */
function clientOf(baseUrl: string, elsewhere: string): CmsClient {
  const adapter = { kind: "generic", url: "{site}/me", userId: "/id" } as const;
  return createCmsClient({ baseUrl, adapter, documentBases: [elsewhere] });
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

  it("answer the other half of them", async () => {
    const { previews } = test.docconv;
    expect(await previews.hasPdf("plan")).toBe(true);
    expect(await previews.hasPdf("broken")).toBe(false);
    const { body, ...thumbnail } = (await previews.thumbnail("plan")) ?? {};
    body?.destroy();
    expect(thumbnail).toMatchObject({ page: 1, scale: "small", mediaType: "image/webp" });
    expect(await previews.thumbnail("new")).toBeUndefined();
    const [timed = ""] = await previews.urls("plan", "preview", true);
    const [plain = ""] = await previews.urls("plan", "preview");
    expect(timed).toMatch(/&t=1\d{12}$/);
    expect(timed.startsWith(`${plain}&t=`)).toBe(true);
    expect((await test.get(timed, "jane")).headers.get("cache-control")).toContain("immutable");
    expect(await previews.isConverting("plan")).toBe(false);
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

  it.each([
    ["bytes=0-3", 206, "%PDF", "bytes 0-3/SIZE"],
    ["bytes=-6", 206, "%%EOF\n", "bytes FROM-LAST/SIZE"],
    ["bytes=99999999-", 416, "", "bytes */SIZE"],
    ["bytes=0-1,5-6", 200, undefined, null],
    ["lines=1-2", 200, undefined, null],
  ])("serve %s of a PDF with %i", async (range, status, text, contentRange) => {
    const size = samplePdf(5, "Plan").length;
    const headers = { cookie: "__ac=jane-ticket", range };
    const response = await fetch(`${test.url}/previews/plan/pdf`, { headers });
    expect(response.status).toBe(status);
    const shown = contentRange
      ?.replace("FROM", String(size - 6))
      .replace("LAST", String(size - 1))
      .replace("SIZE", String(size));
    expect(response.headers.get("content-range")).toBe(shown ?? null);
    const body = Buffer.from(await response.arrayBuffer());
    if (text === undefined) expect(body).toHaveLength(size);
    else expect(body.toString("latin1")).toBe(text);
    const other = await fetch(`${test.url}/previews/plan/pdf`, {
      headers: { ...headers, "if-range": '"old"' },
    });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, size]);
    expect((await fetch(`${test.url}/previews/plan/pdf`, { headers: { range } })).status).toBe(401);
  });

  it("say to people that there is no PDF, and make it for who may see the document", async () => {
    const open = (
      path: string,
      user: string,
      more: { readonly method?: string; readonly headers?: Record<string, string> } = {},
    ): Promise<Response> =>
      fetch(`${test.url}/previews/${path}`, {
        headers: { cookie: `__ac=${user}-ticket`, accept: "text/html", ...more.headers },
        redirect: "manual",
        ...(more.method !== undefined && { method: more.method }),
      });
    const post = { method: "POST" };
    const missing = await open("broken/pdf", "jane");
    expect([missing.status, missing.headers.get("location")]).toEqual([303, "pdf-not-available"]);
    const page = await (await open("broken/pdf-not-available", "jane")).text();
    expect(page).toMatch(/<h1>broken\.pdf is not there as PDF<\/h1>\n<p>This file is damaged/);
    expect(page).toContain('<form method="post" action="request-pdf">');
    expect((await open("broken/request-pdf", "eve", post)).status).toBe(403);
    const cross = await open("broken/request-pdf", "jane", {
      ...post,
      headers: { "sec-fetch-site": "cross-site" },
    });
    expect(cross.status).toBe(403);
    expect((await open("nobody-knows/request-pdf", "jane", post)).status).toBe(403);

    test.cms.documents.set("broken", {
      bytes: samplePdf(1, "Whole"),
      name: "b.pdf",
      readers: ["jane", "bob"],
    });
    test.messages.length = 0;
    const asked = await open("broken/request-pdf", "bob", post);
    expect([asked.status, asked.headers.get("location")]).toEqual([303, "pdf-not-available"]);
    const done = await test.announced("broken", "done");
    expect(done.to).toContain("user:bob");
    const again = await open("broken/request-pdf", "bob", post);
    expect([again.status, again.headers.get("location")]).toEqual([303, "pdf"]);
    expect((await open("broken/pdf", "bob")).headers.get("content-type")).toBe("application/pdf");
  });

  it("are made again when the CMS asks for it, and not for a revision that is there", async () => {
    const document = {
      uid: "steady",
      url: `${test.cms.url}/documents/steady`,
      download: `${test.cms.url}/documents/steady/file`,
      revision: "r1",
    };
    const downloads = (): number => test.cms.downloads.filter((uid) => uid === "steady").length;
    const upload = async (more: object = {}): Promise<void> => {
      test.messages.length = 0;
      await test.upload("steady", { bytes: samplePdf(1, "Steady"), name: "s.pdf" }, { document, ...more });
      await test.announced("steady", "done");
    };
    await upload();
    await upload();
    expect(downloads()).toBe(1);
    await upload({ document: { ...document, revision: "r2" } });
    expect(downloads()).toBe(2);

    test.messages.length = 0;
    const body = Buffer.from(JSON.stringify({ user: "bob", cookie: "__ac=bob-ticket" }));
    const url = `${test.url}/previews/steady/regenerate`;
    expect((await fetch(url, { method: "POST", body })).status).toBe(401);
    const response = await fetch(url, { method: "POST", body, headers: signed(body) });
    expect([response.status, await response.json()]).toEqual([202, { id: expect.any(String) as string }]);
    expect((await test.announced("steady", "done")).to).toContain("user:bob");
    expect(downloads()).toBe(3);
    const unknown = await fetch(url.replace("steady", "unheard"), {
      method: "POST",
      body,
      headers: signed(body),
    });
    expect(unknown.status).toBe(404);
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
    }, PATIENCE);
  });

  it("are not there if they are dropped while they are made, and others of the same content keep theirs", async () => {
    const bytes = samplePdf(3, "Dropped");
    const arrived = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    test.cms.documents.set("held", { bytes, name: "held.pdf", readers: ["jane"] });
    const held = createServer((_request, response) => {
      arrived.resolve();
      void go.promise.then(() => response.end(bytes));
    });
    const listener = await listen(held, "127.0.0.1", 0);
    onTestFinished(() => listener.close());
    const slow = await startTestDocconv({ soffice: NO_OFFICE, cms: clientOf(test.cms.url, listener.url) });
    onTestFinished(() => slow.close());
    const document = {
      uid: "held",
      url: `${test.cms.url}/documents/held`,
      download: `${listener.url}/held.pdf`,
    };
    const { id } = await slow.docconv.enqueue({
      kind: "docconv",
      user: "jane",
      cookie: "__ac=jane-ticket",
      document,
    });
    await arrived.promise;
    await vi.waitFor(
      async () => expect((await slow.docconv.previews.status("held")).status).toBe("converting"),
      PATIENCE,
    );
    await slow.docconv.previews.purge("held");
    go.resolve();
    await vi.waitFor(
      async () => expect(await slow.docconv.queue.status(id)).toMatchObject({ result: { state: "purged" } }),
      { timeout: 20_000 },
    );
    expect(await slow.docconv.previews.status("held")).toMatchObject({ status: "none", pages: 0 });
    const left = await readdir(join(slow.dataDir, "previews"), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
    expect(slow.messages.filter(({ kind }) => kind !== "progress")).toEqual([]);
  });

  it("whose files are damaged count as missing, and are made again", async () => {
    const bytes = samplePdf(1, "Damaged on disk");
    await test.upload("hurt", { bytes, name: "hurt.pdf" });
    await test.announced("hurt", "done");
    const folder = join(test.dataDir, "previews");
    const names = await readdir(folder, { recursive: true });
    const mark = /\?v=(\w{12})/.exec((await test.docconv.previews.urls("hurt"))[0] ?? "")?.[1] ?? "none";
    const rendition = names.find((name) => name.includes(mark) && name.endsWith("rendition.json")) ?? "";
    await writeFile(join(folder, rendition), "");
    expect(await test.docconv.previews.status("hurt")).toMatchObject({ status: "none", pages: 0 });
    await writeFile(join(folder, "documents", "hurt.json"), '{"uid": "hu');
    expect((await test.get("/previews/hurt/pages/1", "jane")).status).toBe(404);
    expect((await test.get("/previews/hurt/snippet", "jane")).status).toBe(200);
    test.messages.length = 0;
    await test.upload("hurt", { bytes, name: "hurt.pdf" });
    await test.announced("hurt", "done");
    expect((await test.get("/previews/hurt/pages/1", "jane")).status).toBe(200);
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
        { uid: "broken", action: "skip", reason: "up-to-date" },
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
