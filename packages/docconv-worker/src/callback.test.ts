import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallbackJob } from "./job.ts";
import { NO_OFFICE, startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";

/** For a slow machine; what is waited for comes at once otherwise. */
const PATIENCE = { timeout: 10_000 };

interface Call {
  readonly headers: IncomingMessage["headers"];
  readonly form: URLSearchParams;
}

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

describe("a callback job", () => {
  let view: Server;
  let test: TestDocconv;
  let base: string;
  let calls: Call[];
  let answers: Answer[];

  beforeAll(async () => {
    view = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
    await once(view, "listening");
    base = `http://127.0.0.1:${(view.address() as AddressInfo).port}/Plone`;
    test = await startTestDocconv({
      soffice: NO_OFFICE,
      callbackBases: [base],
      callbackTimeoutMs: 10_000,
      callbackAttempts: { attempts: 3, backoffMs: 5, backoffDoubles: false },
    });
  });
  afterAll(async () => {
    await test.close();
    view.closeAllConnections();
    view.close();
  });
  beforeEach(() => {
    calls = [];
    answers = [];
    test.messages.length = 0;
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    calls.push({ headers: request.headers, form: new URLSearchParams(await text(request)) });
    const { status, body = "", headers = {} } = answers.shift() ?? { status: 200 };
    response.writeHead(status, headers).end(body);
  }

  async function call(more: Partial<CallbackJob> = {}): Promise<string> {
    const job = {
      kind: "callback",
      user: "jane",
      task: "workspace.notify",
      url: `${base}/@@notify`,
    } as const;
    const { id } = await test.jobs.enqueue({ ...job, cookie: "theme=dark; __ac=jane-ticket", ...more });
    return id;
  }

  async function settled(id: string, state: string): Promise<unknown> {
    return vi.waitFor(async () => {
      const status = await test.docconv.queue.status(id);
      expect(status?.state).toBe(state);
      return status;
    }, PATIENCE);
  }

  it("posts to the view as the user, as Plone Intranet's tasks did", async () => {
    const id = await call({
      authorization: "Basic abc",
      authenticator: "csrf-token",
      form: { a: "ü & b" },
      announce: { done: { marker: "notified" } },
    });
    await settled(id, "completed");
    expect(calls[0]?.headers).toMatchObject({
      cookie: "__ac=jane-ticket",
      authorization: "Basic abc",
      "x-celery-task-name": "workspace.notify",
      "x-push-job": id,
      "idempotency-key": id,
    });
    expect(Object.fromEntries(calls[0]?.form ?? [])).toEqual({ _authenticator: "csrf-token", a: "ü & b" });
    expect(test.messages).toEqual([
      { kind: "done", id: `callback:${id}`, marker: "notified", to: ["user:jane"] },
    ]);
  });

  it("tries again what may pass, under the same key", async () => {
    answers = [{ status: 503 }, { status: 403, body: "Resource is locked" }, { status: 200 }];
    const id = await call();
    await settled(id, "completed");
    expect(new Set(calls.map(({ headers }) => headers["idempotency-key"]))).toEqual(new Set([id]));
    expect(calls).toHaveLength(3);
  });

  it("is dead after its attempts, and tried again by hand with the same key and cookie", async () => {
    answers = Array.from({ length: 3 }, () => ({ status: 503 }));
    const id = await call();
    expect(await settled(id, "failed")).toMatchObject({ error: { code: "callback-failed" }, attempts: 3 });
    expect(await test.docconv.queue.retry(id)).toBe(true);
    await settled(id, "completed");
    expect(calls).toHaveLength(4);
    expect(calls[3]?.headers).toMatchObject({ "idempotency-key": id, cookie: calls[0]?.headers.cookie });
  });

  const toLogin = { status: 302, headers: { location: "/Plone/require_login?came_from=x" } };

  it.each<[string, Answer, string, cookie?: string]>([
    ["an ended session", { status: 401 }, "session-expired"],
    ["a way to the login", toLogin, "session-expired", "__ac=of-yesterday"],
    ["a way to the login for somebody who is logged in", toLogin, "callback-refused"],
    ["a way to the login with somebody else's session", toLogin, "session-expired", "__ac=bob-ticket"],
    ["a login form", { status: 200, body: '<form id="login_form">' }, "callback-refused"],
    ["a refusal that says 200", { status: 200, body: "Insufficient Privileges" }, "callback-refused"],
  ])("fails at once for %s, and tells the user", async (_what, given, code, cookie) => {
    answers = [given];
    const id = await call(cookie === undefined ? {} : { cookie });
    expect(await settled(id, "failed")).toMatchObject({ error: { code } });
    expect(calls).toHaveLength(1);
    expect(test.messages).toMatchObject([
      { kind: "failed", code, marker: "failed:workspace.notify", to: ["user:jane"] },
    ]);
  });

  it("follows no redirect, and gives up after its attempts", async () => {
    answers = Array.from({ length: 3 }, () => ({ status: 302, headers: { location: `${base}/elsewhere` } }));
    const id = await call();
    expect(await settled(id, "failed")).toMatchObject({ error: { code: "callback-failed" }, attempts: 3 });
    expect(calls).toHaveLength(3);
  });

  it.each([
    ["http://127.0.0.1:1/Plone/@@notify"],
    ["http://evil.example/Plone/@@notify"],
    ["BASE/../other/@@notify"],
    ["BASE/..%2Fother"],
    ["BASE-evil/@@notify"],
    ["BASE/%2e%2E/other/@@notify"],
    ["BASE/..\\other"],
    ["BASE/..%5cother"],
    ["BASE/a/../../other"],
    ["PLACE/plone/@@notify"],
    ["PLACE@evil.example/Plone/@@notify"],
    ["http://jane:secret@HOST/Plone/@@notify"],
    ["http://evil.example\\@HOST/Plone/@@notify"],
    ["http://127.0.0.1.evil.example:PORT/Plone/@@notify"],
    ["http://127.0.0.1/Plone/@@notify"],
    ["http://[::1]:PORT/Plone/@@notify"],
    ["http://localhost:PORT/Plone/@@notify"],
    ["https://HOST/Plone/@@notify"],
  ])("sends no cookie to %s", async (url) => {
    const { host, port, origin } = new URL(base);
    const places = { BASE: base, PLACE: origin, HOST: host, PORT: port };
    const id = await call({ url: url.replace(/BASE|PLACE|HOST|PORT/g, (name) => places[name as "BASE"]) });
    expect(await settled(id, "failed")).toMatchObject({ error: { code: "url-not-allowed" } });
    expect(calls).toHaveLength(0);
  });

  it.each([
    ["BASE"],
    ["HTTP://HOST/Plone/@@notify"],
    ["BASE/./a/../@@notify?next=/../x"],
    ["BASE/"],
    ["BASE//@@notify"],
  ])("calls %s, which is below the base", async (url) => {
    const id = await call({ url: url.replace("BASE", base).replace("HOST", new URL(base).host) });
    await settled(id, "completed");
    expect(calls).toHaveLength(1);
  });

  it("gives a view that hangs no more than its time", async () => {
    const hanging = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(hanging, "listening");
    const { port } = hanging.address() as AddressInfo;
    const other = await startTestDocconv({
      soffice: NO_OFFICE,
      callbackBases: [`http://127.0.0.1:${port}`],
      callbackTimeoutMs: 50,
      callbackAttempts: { attempts: 1, backoffMs: 5, backoffDoubles: false },
    });
    try {
      const { id } = await other.docconv.enqueue({
        kind: "callback",
        user: "jane",
        task: "slow",
        cookie: "__ac=jane-ticket",
        url: `http://127.0.0.1:${port}/slow`,
      });
      await vi.waitFor(async () => {
        expect((await other.docconv.queue.status(id))?.error?.code).toBe("callback-unreachable");
      }, PATIENCE);
    } finally {
      await other.close();
      hanging.closeAllConnections();
      hanging.close();
    }
  });
});
