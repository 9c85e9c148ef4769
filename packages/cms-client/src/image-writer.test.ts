import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { CmsClient } from "./cms-client.ts";
import { connect, credentials } from "./testing/connect.ts";
import { redirect, sendJson, startServer, type TestServer } from "./testing/http-server.ts";

const JANE = credentials("__ac=jane; other=x");
const IMAGE = {
  field: "preview_image",
  name: "first-page.webp",
  mediaType: "image/webp",
  bytes: Buffer.from("webp"),
};

/** plone.restapi, as far as an image is written: the bytes are those of a real one, see real-plone/. */
async function startPlone(state: {
  locked?: boolean;
  preview_image?: object | null;
  title?: string;
  patchStatus?: number;
}): Promise<{ server: TestServer; written: { body: Buffer; path: string }[]; cms: CmsClient }> {
  const written: { body: Buffer; path: string }[] = [];
  const server = await startServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const body = await buffer(request);
    if (!/__ac=(jane|bob)/.test(headers.cookie ?? "")) return sendJson(response, 401, {});
    if (url === "/Plone/@@push-whoami") return sendJson(response, 200, { userid: "jane", groups: [] });
    if (url.startsWith("/Plone/resolveuid/"))
      return redirect(response, `/Plone/work/plan?include_items=false`);
    if (method === "GET") {
      const { locked = false, ...fields } = state;
      return sendJson(response, 200, { "@id": "x", ...fields, lock: { locked, stealable: true } });
    }
    if (method === "PATCH" && state.patchStatus) {
      const message = state.patchStatus === 403 ? "Resource is locked." : "no";
      return sendJson(response, state.patchStatus, { error: { type: "Forbidden", message } });
    }
    if (method === "POST") {
      return response.writeHead(201, { location: `${server.url}/Plone/work/plan/@tus-upload/abc` }).end();
    }
    written.push({ body, path: url });
    response.writeHead(204).end();
  });
  return { server, written, cms: connect({ baseUrl: `${server.url}/Plone` }) };
}

describe("an image for an object of Plone", () => {
  it("is written as the user, by a request that names its job", async () => {
    const { server, written, cms } = await startPlone({ preview_image: null });
    expect(await cms.writeImage(JANE, "/work/plan", IMAGE, { job: "job-1" })).toBe("written");
    expect(written.map(({ body }) => JSON.parse(body.toString()) as unknown)).toEqual([
      {
        preview_image: {
          data: "d2VicA==",
          encoding: "base64",
          filename: "first-page.webp",
          "content-type": "image/webp",
        },
      },
    ]);
    const { method, path, headers } = server.seen.at(-1) ?? {};
    expect([method, path]).toEqual(["PATCH", "/Plone/work/plan"]);
    expect(headers).toMatchObject({ cookie: "__ac=jane", "x-push-job": "job-1", "idempotency-key": "job-1" });
  });

  it("goes by TUS if it is large, in parts", async () => {
    const { server, written, cms } = await startPlone({ preview_image: null });
    const bytes = Buffer.alloc(6_000_000, "x");
    await cms.writeImage(JANE, "0123abcd", { ...IMAGE, bytes }, { job: "job-1" });
    expect(written.map(({ body }) => body.length)).toEqual([5_000_000, 1_000_000]);
    const [, , create, first, second] = server.seen;
    expect(create).toMatchObject({ method: "POST", path: "/Plone/work/plan/@tus-replace" });
    expect(create?.headers).toMatchObject({ "tus-resumable": "1.0.0", "upload-length": "6000000" });
    const metadata = String(create?.headers["upload-metadata"])
      .split(",")
      .map((pair) => pair.split(" "));
    expect(metadata.map(([key, value = ""]) => [key, atob(value)])).toEqual([
      ["filename", "first-page.webp"],
      ["content-type", "image/webp"],
      ["fieldname", "preview_image"],
    ]);
    expect([first?.headers["upload-offset"], second?.headers["upload-offset"]]).toEqual(["0", "5000000"]);
    expect(second?.headers).toMatchObject({ "x-push-job": "job-1", "tus-resumable": "1.0.0" });
  });

  it("replaces what we wrote, and keeps what somebody chose", async () => {
    const ours = await startPlone({ preview_image: { filename: "first-page.webp" } });
    expect(await ours.cms.writeImage(JANE, "/work/plan", IMAGE, { job: "a" })).toBe("written");
    const chosen = await startPlone({ preview_image: { filename: "holiday.jpg" } });
    expect(await chosen.cms.writeImage(JANE, "/work/plan", IMAGE, { job: "a" })).toBe("kept");
    expect(chosen.written).toEqual([]);
  });

  it.each([
    ["somebody edits it", { preview_image: null, locked: true }, "object-locked", true],
    [
      "somebody begins to edit it just then",
      { preview_image: null, patchStatus: 403 },
      "object-locked",
      true,
    ],
    ["it has no such field", { title: "x" }, "no-such-field", false],
    ["the CMS is in trouble", { preview_image: null, patchStatus: 503 }, "cms-unknown", true],
    ["Plone refuses a user whom it knows", { preview_image: null, patchStatus: 401 }, "not-allowed", false],
    ["Plone takes no such image", { preview_image: null, patchStatus: 400 }, "unexpected-answer", false],
  ])("is not written when %s", async (_what, state, code, retryable) => {
    const { written, cms } = await startPlone(state);
    await expect(cms.writeImage(JANE, "/work/plan", IMAGE, { job: "a" })).rejects.toMatchObject({
      code,
      retryable,
    });
    expect(written).toEqual([]);
  });

  it("is not written for nobody, or outside the site, or into another CMS", async () => {
    const { server, cms } = await startPlone({ preview_image: null });
    await expect(
      cms.writeImage(credentials("__ac=gone"), "/work/plan", IMAGE, { job: "a" }),
    ).rejects.toMatchObject({ code: "session-expired" });
    const seen = server.seen.length;
    await expect(
      cms.writeImage(JANE, "https://elsewhere.example/plan", IMAGE, { job: "a" }),
    ).rejects.toMatchObject({ code: "url-not-allowed" });
    const adapter = { kind: "generic", url: "{site}/me", userId: "/id" } as const;
    await expect(
      connect({ baseUrl: server.url, adapter }).writeImage(JANE, "/plan", IMAGE, { job: "a" }),
    ).rejects.toMatchObject({ code: "unexpected-answer" });
    expect(server.seen).toHaveLength(seen);
  });
});
