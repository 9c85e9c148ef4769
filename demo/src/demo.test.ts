/** The CMS over HTTP, as browsers, the worker and the push server see it; with nothing in between. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCmsClient, Credentials } from "cms-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemo, type Demo } from "./demo.ts";
import { ACCOUNTS } from "./northquay.ts";

const ASSETS = join(import.meta.dirname, "views"); // any folder will do: no browser comes

let folder: string;
let demo: Demo;

const start = () => createDemo({ port: 0, dataFolder: folder, clientFolder: ASSETS, secret: "s".repeat(32) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "demo-test-"));
  demo = await start();
});
afterEach(async () => {
  await demo?.close();
  await rm(folder, { recursive: true, force: true });
});

async function get(path: string, cookie = "", accept = "text/html"): Promise<Response> {
  return await fetch(`${demo.url}${path}`, { headers: { cookie, accept }, redirect: "manual" });
}

async function post(path: string, body: FormData | URLSearchParams, headers: Record<string, string> = {}) {
  return await fetch(`${demo.url}${path}`, { method: "POST", body, headers, redirect: "manual" });
}

async function logIn(user: string): Promise<string> {
  const password = ACCOUNTS.find(({ id }) => id === user)?.password ?? "";
  const answer = await post("/login", new URLSearchParams({ user, password }));
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

async function who(cookie?: string): Promise<unknown> {
  return await (await get("/@@push-whoami", cookie, "application/json")).json();
}

function form(name: string, content: string): FormData {
  const fields = new FormData();
  fields.append("file", new File([content], name, { type: "text/plain" }));
  return fields;
}

async function upload(cookie: string, name = "minutes.txt", content = "What was said."): Promise<Response> {
  return await post("/quay-renewal/@@upload", form(name, content), { cookie });
}

describe("logging in", () => {
  it("leads back to the page that was asked for, and to no other site", async () => {
    const asked = await get("/quay-renewal");
    expect([asked.status, asked.headers.get("location")]).toEqual([303, "/login?came_from=%2Fquay-renewal"]);
    const password = ACCOUNTS[0]?.password ?? "";
    for (const [cameFrom, location] of [
      ["/quay-renewal", "/quay-renewal"],
      ["//evil.example", "/"],
      ["/\\evil.example", "/"],
      ["https://evil.example", "/"],
    ] as const) {
      const answer = await post(
        "/login",
        new URLSearchParams({ user: "jane", password, came_from: cameFrom }),
      );
      expect([answer.status, answer.headers.get("location")]).toEqual([303, location]);
    }
  });

  it("does not happen with a wrong password, and says so", async () => {
    const answer = await post("/login", new URLSearchParams({ user: "jane", password: "guess" }));
    expect([answer.status, answer.headers.get("set-cookie")]).toEqual([401, null]);
    expect(await answer.text()).toContain("the password is wrong");
  });

  it("is what the push server and the worker ask about", async () => {
    expect(await who()).toEqual({ userid: null });
    expect(await who("__ac=forged")).toEqual({ userid: null });
    expect(await who(await logIn("noam"))).toEqual({ userid: "noam", groups: ["quay-renewal", "gatehouse"] });
  });
});

describe("a document", () => {
  it("is shown to members alone, by every address, as cms-client asks", async () => {
    const jane = await logIn("jane");
    const uploaded = await upload(jane);
    const uid = new URL(uploaded.headers.get("location") ?? "", demo.url).searchParams.get("uploaded") ?? "";
    const cms = createCmsClient({ baseUrl: demo.url });
    try {
      for (const [user, visible] of [
        ["jane", true],
        ["noam", true],
        ["eve", false],
      ] as const) {
        const credentials = Credentials.fromCookieHeader(await logIn(user));
        for (const object of [uid, "/quay-renewal/minutes.txt", `${demo.url}/quay-renewal/minutes.txt`])
          expect(credentials && (await cms.mayView(credentials, object)), `${user}, ${object}`).toBe(visible);
      }
    } finally {
      await cms.close();
    }
    expect((await get(`/resolveuid/${uid}`, "", "application/json")).status).toBe(401);
  });

  it("is downloaded as it came, never shown in place", async () => {
    const jane = await logIn("jane");
    await upload(jane, "für & mit.html", "<script>alert(1)</script>");
    const answer = await get("/quay-renewal/fur-mit.html/@@download/file", jane);
    expect(await answer.text()).toBe("<script>alert(1)</script>");
    expect(answer.headers.get("content-disposition")).toBe(
      "attachment; filename*=UTF-8''f%C3%BCr%20%26%20mit.html",
    );
    expect(answer.headers.get("content-security-policy")).toContain("sandbox");
  });

  it("is written into pages as text, whatever its name", async () => {
    const jane = await logIn("jane");
    await upload(jane, "<img src=x onerror=alert(1)>.txt");
    const page = await (await get("/quay-renewal", jane)).text();
    expect(page).toContain("&#60;img src=x onerror=alert(1)&#62;.txt");
    expect(page).not.toContain("<img src=x");
  });

  it("is still there after a restart, and so is the session", async () => {
    const jane = await logIn("jane");
    await upload(jane);
    await demo.close();
    demo = await start();
    expect(await (await get("/quay-renewal/minutes.txt/@@download/file", jane)).text()).toBe(
      "What was said.",
    );
  });
});

describe("an upload", () => {
  it("is refused when another site sent it", async () => {
    const cookie = await logIn("jane");
    const answer = await post("/quay-renewal/@@upload", form("x.txt", "x"), {
      cookie,
      origin: "https://evil.example",
    });
    expect(answer.status).toBe(403);
    expect(await readdir(join(folder, "documents"))).toEqual([]);
  });

  it("is refused to who is no member, and to who is not logged in", async () => {
    expect((await upload(await logIn("eve"))).status).toBe(404);
    expect((await upload("")).status).toBe(401);
    expect(await readdir(join(folder, "documents"))).toEqual([]);
  });

  it("without a file says so", async () => {
    const answer = await post("/quay-renewal/@@upload", new FormData(), { cookie: await logIn("jane") });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("Choose a file");
  });

  it("that breaks off leaves nothing", async () => {
    const cookie = await logIn("jane");
    const { host } = new URL(demo.url);
    const headers = {
      cookie,
      host,
      "content-type": "multipart/form-data; boundary=b",
      "content-length": 10_000,
    };
    const sending = request(`${demo.url}/quay-renewal/@@upload`, { method: "POST", headers });
    sending.on("error", () => undefined);
    const part =
      '--b\r\ncontent-disposition: form-data; name="file"; filename="half.txt"\r\n\r\nthe first half';
    await new Promise((resolve) => sending.write(part, resolve));
    await expect.poll(() => readdir(join(folder, "documents"))).toHaveLength(1);
    sending.destroy();
    await expect.poll(() => readdir(join(folder, "documents"))).toEqual([]);
    expect(await (await get("/quay-renewal", cookie)).text()).not.toContain("half.txt");
  });
});
