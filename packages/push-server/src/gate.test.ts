import { once } from "node:events";
import { request } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { knock, type Answer, type Knock } from "./testing/knock.ts";
import { TestSite } from "./testing/test-site.ts";

interface Door {
  readonly name: string;
  readonly method: string;
  /** With `{session}` for a session id. */
  readonly path: string;
  readonly upgrade?: boolean;
  readonly body?: string;
  /** What somebody who may gets. */
  readonly open: number;
}

const SESSION_DOORS: readonly Door[] = [
  { name: "xhr", method: "POST", path: "/0/{session}/xhr", open: 200 },
  { name: "xhr_streaming", method: "POST", path: "/0/{session}/xhr_streaming", open: 200 },
  { name: "eventsource", method: "GET", path: "/0/{session}/eventsource", open: 200 },
  { name: "xhr_send", method: "POST", path: "/0/{session}/xhr_send", body: "[]", open: 204 },
];
const SOCKET_DOORS: readonly Door[] = [
  { name: "websocket", method: "GET", path: "/0/{session}/websocket", upgrade: true, open: 101 },
  { name: "raw websocket", method: "GET", path: "/websocket", upgrade: true, open: 101 },
];
const SOCKETS = ["/0/s/websocket", "/websocket"] as const;
const READING_DOORS: readonly Door[] = [
  { name: "greeting", method: "GET", path: "", open: 200 },
  { name: "info", method: "GET", path: "/info", open: 200 },
  { name: "iframe", method: "GET", path: "/iframe.html", open: 200 },
];
const TRANSPORTS = [...SESSION_DOORS, ...SOCKET_DOORS];
const ALL = [...TRANSPORTS, ...READING_DOORS];
const CLOSED_DOORS: readonly Door[] = [
  { name: "jsonp", method: "GET", path: "/0/{session}/jsonp?c=x", open: 404 },
  { name: "jsonp_send", method: "POST", path: "/0/{session}/jsonp_send", body: "d=[]", open: 404 },
  { name: "htmlfile", method: "GET", path: "/0/{session}/htmlfile?c=x", open: 404 },
  { name: "chunking_test", method: "POST", path: "/chunking_test", open: 404 },
  { name: "an upgrade elsewhere", method: "GET", path: "/info", upgrade: true, open: 404 },
  { name: "a path with dots", method: "POST", path: "/0/../{session}/xhr", open: 404 },
  { name: "an encoded transport", method: "POST", path: "/0/{session}/%78hr", open: 404 },
];

let sessions = 0;

/** Goes to a door as jane from the site's own page, unless told otherwise. */
async function visit(
  site: TestSite,
  door: Door,
  change: Partial<Knock> & { session?: string } = {},
): Promise<Answer> {
  const session = change.session ?? `s${(sessions += 1)}`;
  if (door.name === "xhr_send" && change.session === undefined) await open(site, session);
  return await knock({
    port: site.port,
    method: door.method,
    path: `/push${door.path.replace("{session}", session)}`,
    headers: { Cookie: "__ac=jane", Origin: site.origin },
    ...(door.upgrade ? { upgrade: true } : {}),
    ...(door.body === undefined ? {} : { body: door.body }),
    ...change,
  });
}

/** Opens a session by polling, as jane. */
async function open(site: TestSite, session: string): Promise<void> {
  const headers = { Cookie: "__ac=jane", Origin: site.origin };
  const { body } = await knock({ port: site.port, method: "POST", path: `/push/0/${session}/xhr`, headers });
  expect(body).toBe("o\n");
}

/** Whatever came through a door is gone again. */
async function expectNothingLeft(site: TestSite): Promise<void> {
  const left = async (): Promise<readonly number[]> => {
    const { connections, transports, handshakes } = site.push.state();
    const sockets = await new Promise<number>((resolve, reject) => {
      site.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
    return [connections, transports, handshakes, sockets];
  };
  await vi.waitFor(async () => expect(await left()).toEqual([0, 0, 0, 0]), { timeout: 50_000, interval: 50 });
}

async function startSite(options: Parameters<typeof TestSite.start>[0] = {}): Promise<TestSite> {
  return await TestSite.start({ ...options, limits: { sessionTimeoutMs: 2000, ...options.limits } });
}

describe("the gate", () => {
  it("lets through by every door whom the CMS knows, and leaves nothing behind when they hang up", async () => {
    const site = await startSite();
    for (const door of ALL)
      expect([door.name, (await visit(site, door)).status]).toEqual([door.name, door.open]);
    await expectNothingLeft(site);
  });

  it.each([
    ["no cookie", ""],
    ["another cookie", "session=jane"],
    ["garbage", "__ac=%00%ff;;=;__ac"],
    ["an expired session", "__ac=jane.expired"],
    ["an empty session", "__ac="],
  ])("refuses %s at every door with 401", async (_name, cookie) => {
    const site = await startSite();
    site.cms.revoked.add("jane.expired");
    for (const door of ALL) {
      const headers = { Cookie: cookie, Origin: site.origin };
      const { status, body } = await visit(site, door, { headers, session: "s" });
      expect([door.name, status]).toEqual([door.name, 401]);
      expect(body).toContain("log in");
    }
    expect(site.push.connections).toBe(0);
  });

  it.each([
    ["a foreign page", (_own: string) => "https://evil.example"],
    ["the same host on another port", (own: string) => own.replace(/\d+$/, "1")],
    ["an origin that only begins like ours", (own: string) => `${own}.evil.example`],
    ["a sandboxed page", () => "null"],
    ["nonsense", () => "nonsense"],
  ])("refuses %s at every door with 403, without asking the CMS", async (_name, originOf) => {
    const site = await startSite();
    for (const door of ALL) {
      const headers = { Cookie: "__ac=jane", Origin: originOf(site.origin) };
      const { status, headers: answered } = await visit(site, door, { headers, session: "s" });
      expect([door.name, status]).toEqual([door.name, 403]);
      expect(answered["access-control-allow-origin"]).toBeUndefined();
    }
    expect(site.cms.asked.size).toBe(0);
  });

  it("refuses a foreign page's preflight", async () => {
    const site = await startSite();
    for (const door of SESSION_DOORS) {
      const headers = { Origin: "https://evil.example", "Access-Control-Request-Method": door.method };
      expect((await visit(site, door, { method: "OPTIONS", headers, session: "s" })).status).toBe(403);
    }
  });

  it("refuses a transport that does not say from which page, and takes a browser's other ways of saying it", async () => {
    const site = await startSite();
    for (const door of TRANSPORTS) {
      const silent = await visit(site, door, { headers: { Cookie: "__ac=jane" } });
      expect([door.name, silent.status]).toEqual([door.name, 403]);
      const foreign = { Cookie: "__ac=jane", Referer: "https://evil.example/page" };
      expect([door.name, (await visit(site, door, { headers: foreign })).status]).toEqual([door.name, 403]);
      for (const said of [{ "Sec-Fetch-Site": "same-origin" }, { Referer: `${site.origin}/page?x=y` }]) {
        const headers = { Cookie: "__ac=jane", ...said };
        expect([door.name, (await visit(site, door, { headers })).status]).toEqual([door.name, door.open]);
      }
    }
  });

  it("lets the pages of listed origins in, those alone, and lets them read why if not", async () => {
    const site = await startSite({
      allowedOrigins: ["https://intranet.example", "https://www.example:8443/"],
    });
    for (const origin of ["https://intranet.example", "https://www.example:8443"]) {
      for (const door of ALL) {
        const headers = { Cookie: "__ac=jane", Origin: origin };
        expect([
          door.name,
          (await visit(site, { ...door, path: door.path }, { headers, session: "listed" })).status,
        ]).toEqual([door.name, door.name === "xhr_send" ? expect.any(Number) : door.open]);
      }
      const refused = await visit(site, READING_DOORS[1] as Door, { headers: { Origin: origin } });
      expect(refused.status).toBe(401);
      expect(refused.headers).toMatchObject({
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
      });
    }
    for (const origin of [site.origin, "https://intranet.example:8443", "http://intranet.example"]) {
      const headers = { Cookie: "__ac=jane", Origin: origin };
      for (const door of ALL) expect((await visit(site, door, { headers, session: "s" })).status).toBe(403);
    }
  });

  it("answers 404 to another user's session id, by every transport, and that session is none the wiser", async () => {
    const site = await startSite({ limits: { sessionTimeoutMs: 5000 } });
    await open(site, "janes");
    await site.push.publish({ to: "user:jane", marker: "secret" });
    const headers = { Cookie: "__ac=mallory", Origin: site.origin };
    for (const door of SESSION_DOORS) {
      const stolen = await visit(site, door, {
        session: "janes",
        headers,
        body: '["{\\"type\\":\\"nonsense\\"}"]',
      });
      expect([door.name, stolen.status]).toEqual([door.name, 404]);
      expect(stolen.body).not.toContain("secret");
    }
    const hello = JSON.stringify(['{"type":"hello","cursor":"0"}']);
    const sent = await visit(site, SESSION_DOORS[3] as Door, { session: "janes", body: hello });
    expect(sent.status).toBe(204);
    const polled = await visit(site, SESSION_DOORS[0] as Door, { session: "janes" });
    expect(polled.body).toContain("welcome");
  });

  it("keeps the sessions of two servers in one process apart", async () => {
    const [one, other] = [await startSite(), await startSite()];
    await open(one, "same");
    await open(other, "same");
  });

  it("knows nothing of what is switched off or not there, whoever asks", async () => {
    const site = await startSite();
    for (const door of CLOSED_DOORS) {
      expect([door.name, (await visit(site, door)).status]).toEqual([door.name, 404]);
    }
    expect((await knock({ port: site.port, method: "GET", path: "/pushy" })).body).toBe(
      "the site's own page",
    );
  });

  it("answers 405 to a wrong method, naming the right one, with nothing in it", async () => {
    const site = await startSite();
    for (const door of TRANSPORTS) {
      for (const method of ["PUT", "DELETE", door.method === "GET" ? "POST" : "GET"]) {
        const { status, headers, body } = await visit(site, door, { method, session: "s" });
        expect([door.name, method, status, body]).toEqual([door.name, method, 405, ""]);
        expect(headers.allow).toContain(door.method);
      }
    }
    expect(site.push.connections).toBe(0);
  });

  it("answers 400 to a websocket request without the upgrade", async () => {
    const site = await startSite();
    for (const door of SOCKET_DOORS) expect((await visit(site, door, { upgrade: false })).status).toBe(400);
  });

  it("answers 413 to a body that is too large, whether it says so first or not, or closes the socket with 1009", async () => {
    const site = await startSite({ limits: { maxFrameBytes: 1000, sessionTimeoutMs: 5000 } });
    await open(site, "large");
    const body = JSON.stringify(["x".repeat(2000)]);
    const headers = { Cookie: "__ac=jane", Origin: site.origin };
    const chunked = { ...headers, "Transfer-Encoding": "chunked" };
    const counted = { ...headers, "Content-Length": String(body.length) };
    for (const door of SESSION_DOORS) {
      const session = door.name === "xhr_send" ? "large" : `large-${door.name}`;
      const { status } = await visit(site, door, { session, body, headers: counted });
      expect([door.name, status]).toEqual([door.name, 413]);
    }
    const send = SESSION_DOORS[3] as Door;
    expect((await visit(site, send, { session: "large", body, headers: chunked })).status).toBe(413);
    expect((await visit(site, send, { session: "large", body: "[]", headers })).status).toBe(204);
    for (const path of SOCKETS) {
      const socket = new WebSocket(`ws://127.0.0.1:${site.port}/push${path}`, { headers });
      socket.on("open", () => socket.send(body));
      const [code] = (await once(socket, "close")) as [number];
      expect([path, code]).toEqual([path, 1009]);
    }
    await expectNothingLeft(site);
  });

  it("closes with 4000 whoever sends a frame that is none, by every door that takes them", async () => {
    const site = await startSite({ limits: { sessionTimeoutMs: 5000 } });
    const headers = { Cookie: "__ac=jane", Origin: site.origin };
    for (const text of ["nonsense", '["nonsense"]', "{}", "[[]]", '"', `["${String.raw`\ud800`}"]`]) {
      for (const path of SOCKETS) {
        const socket = new WebSocket(`ws://127.0.0.1:${site.port}/push${path}`, { headers });
        socket.on("open", () => socket.send(text));
        const [code] = (await once(socket, "close")) as [number];
        expect([path, text, code]).toEqual([path, text, 4000]);
      }
    }
    await open(site, "malformed");
    const send = SESSION_DOORS[3] as Door;
    // What SockJS cannot read is refused, and leaves the session as it was (sockjs-protocol, "test_invalid_json").
    expect((await visit(site, send, { session: "malformed", body: "nonsense" })).status).toBe(500);
    expect((await visit(site, send, { session: "malformed", body: '["nonsense"]' })).status).toBe(204);
    const { body } = await visit(site, SESSION_DOORS[0] as Door, { session: "malformed" });
    expect(body).toBe('c[4000,"malformed-frame"]\n');
    await expectNothingLeft(site);
  });

  it("answers 503 while the CMS does not say who it is, and lets in again when it does", async () => {
    const site = await startSite({ cmsOptions: { graceSeconds: 0 } });
    site.cms.status = 500;
    for (const door of ALL) {
      const { status, headers } = await visit(site, door, { session: "s" });
      expect([door.name, status]).toEqual([door.name, 503]);
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    }
    site.cms.status = 200;
    expect((await visit(site, SOCKET_DOORS[0] as Door)).status).toBe(101);
  });

  it("lets so many wait for the CMS and no more, and forgets those who hang up", async () => {
    const limits = { maxPendingHandshakes: 2000, maxConnectionsPerUser: 5000 };
    const site = await startSite({ limits, cmsOptions: { timeoutMs: 50_000, maxConcurrentProbes: 100 } });
    site.cms.hold();
    const doors = [...SOCKET_DOORS, ...SESSION_DOORS.slice(0, 3)];
    const headersOf = (index: number): Record<string, string> => ({
      Cookie: `__ac=jane.${index}`,
      Origin: site.origin,
    });
    // Some hang up while they wait, and count as long as their question is on the way.
    const impatient = Array.from({ length: 20 }, (_, index) =>
      request({
        port: site.port,
        host: "127.0.0.1",
        path: "/push/info",
        headers: headersOf(index),
        agent: false,
      })
        .on("error", () => undefined)
        .end(),
    );
    while (site.push.state().handshakes < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const sent of impatient) sent.destroy();
    const statuses: number[] = [];
    const knocks = Array.from({ length: 3000 }, async (_, index) => {
      const door = doors[index % doors.length] as Door;
      statuses.push((await visit(site, door, { headers: headersOf(100 + index) })).status);
    });
    while (statuses.length < 1020) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(new Set(statuses)).toEqual(new Set([429]));
    site.cms.release();
    await Promise.all(knocks);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1020);
    expect(statuses.filter((status) => status === 200 || status === 101)).toHaveLength(1980);
    await expectNothingLeft(site);
    expect((await visit(site, SOCKET_DOORS[0] as Door)).status).toBe(101);
  });

  it("lets in so many connections of one user, and so many in all", async () => {
    const site = await startSite({ limits: { maxConnectionsPerUser: 2, maxConnections: 3 } });
    const doors = [...SOCKET_DOORS, ...SESSION_DOORS.slice(0, 3)];
    const janes = [await site.connect("jane"), await site.visit("jane").opened()];
    for (const door of doors) expect((await visit(site, door)).status).toBe(429);
    await site.connect("john");
    const headers = { Cookie: "__ac=mallory", Origin: site.origin };
    for (const door of doors) expect((await visit(site, door, { headers })).status).toBe(429);
    await janes[0]?.close();
    while (site.push.connections > 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await site.connect("jane");
  });
});
