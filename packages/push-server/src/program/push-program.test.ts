import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPublishClient } from "../publish-client.ts";
import { TestBrowser, type SockJsTransport } from "../testing/test-browser.ts";
import { TestClient } from "../testing/test-client.ts";
import { TestCms } from "../testing/test-cms.ts";
import { TestProgram } from "../testing/test-program.ts";
import { TestRedis } from "../testing/test-redis.ts";

const SECRET = "a-publish-secret-of-the-tests";
const ENV = { PUSH_PUBLISH_SECRET: SECRET };

async function startCms(): Promise<TestCms> {
  const cms = await TestCms.start();
  onTestFinished(() => cms.close());
  cms.addUser("jane", ["staff"]);
  return cms;
}

/** A browser at the raw WebSocket. */
function visit(running: TestProgram, cookie: string): TestClient {
  const client = new TestClient(`${running.url.replace("http", "ws")}/websocket`, {
    headers: { Cookie: cookie, Origin: running.origin },
  });
  onTestFinished(() => client.close());
  return client;
}

async function connectAs(running: TestProgram, user: string): Promise<TestClient> {
  const client = await visit(running, `__ac=${user}`).opened();
  client.send({ type: "hello" });
  await client.frame("welcome");
  return client;
}

describe("the running program", () => {
  it("says where it is and how it asks the CMS, with a small young generation", async () => {
    const cms = await startCms();
    const running = await TestProgram.start({ cms });
    const question = `GET ${cms.url}/whoami`;
    const asked = await running.logged(`The CMS answers, and says who is logged in at ${question}.`);
    expect(asked).toMatchObject({ level: "info", adapter: "generic", baseUrl: cms.url, question });
    await running.logged("In memory: messages last as long as this process.");
    await running.logged(
      "Nobody else can publish: set PUSH_PUBLISH_SECRET to publish over HTTP, or REDIS_URL.",
    );
    // The very process that was started, so that signals reach it.
    const commandLine = await readFile(`/proc/${running.pid}/cmdline`, "utf8");
    expect(commandLine.split("\0")[1]).toBe("--max-semi-space-size=4");
  });

  it("says how it asks the CMS as soon as that is there", async () => {
    const cms = await startCms();
    cms.status = 503;
    const running = await TestProgram.start({ cms });
    while (!running.lines.some(({ level, adapter }) => level === "warn" && adapter === "generic"))
      await new Promise((resolve) => setTimeout(resolve, 20));
    cms.status = 200;
    await running.logged(`The CMS answers, and says who is logged in at GET ${cms.url}/whoami.`);
    expect(await running.kill()).toBe(0);
  });

  it("relays what is published, and counts it for Prometheus", async () => {
    const running = await TestProgram.start({ cms: await startCms(), env: ENV });
    const jane = await connectAs(running, "jane");
    await createPublishClient({ url: running.url, secret: SECRET }).publish({
      to: "group:staff",
      marker: "1",
    });
    await jane.until(() => jane.markers.includes("1"));
    await fetch(`${running.url}/info`, { headers: { Cookie: "__ac=stranger", Origin: running.origin } });
    const metrics = await (await fetch(`${running.operationsUrl}/metrics`)).text();
    expect(metrics).toMatch(/^push_connections\{transport="websocket-raw"\} 1$/m);
    expect(metrics).toMatch(/^push_messages_total\{outcome="relayed"\} 1$/m);
    expect(metrics).toMatch(/^push_requests_refused_total\{status="401"\} 1$/m);
    expect(metrics).toMatch(/^push_retained_messages 1$/m);
    expect(metrics).toMatch(/^push_ready 1$/m);
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(metrics).not.toMatch(/jane|staff/);
    expect((await fetch(`${running.operationsUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${running.url}/metrics`)).status).toBe(404);
  });

  it("sends everybody away with a time to come back at, and ends", async () => {
    const running = await TestProgram.start({ cms: await startCms(), env: ENV });
    const jane = await connectAs(running, "jane");
    const exitCode = await running.kill("SIGTERM");
    expect((await jane.closed).code).toBe(4012);
    expect(exitCode).toBe(0);
    expect(running.lines.at(-1)?.msg).toBe("Stopped.");
  });

  it("goes on with Redis's log after SIGKILL, and says what Redis would lose", async () => {
    const [cms, redis] = await Promise.all([startCms(), TestRedis.start()]);
    onTestFinished(() => redis.close());
    const options = { cms, env: { ...ENV, REDIS_URL: redis.url } };
    const first = await TestProgram.start(options);
    const jane = await connectAs(first, "jane");
    const { cursor } = await jane.frame("welcome");
    await first.logged("Redis answers.");
    expect(first.lines.filter(({ level }) => level === "warn").map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/may open \d+ files/),
    ]);
    await first.kill("SIGKILL");
    await redis.client().xadd("push:log", "*", "to", "user:jane", "message", '{"marker":"meanwhile"}');
    await redis.client().config("SET", "maxmemory-policy", "allkeys-lru");
    const second = await TestProgram.start(options);
    await second.logged(
      "Redis throws keys away when its memory is full (maxmemory-policy allkeys-lru), and the message log could be one: set noeviction.",
    );
    const again = await visit(second, "__ac=jane").opened();
    again.send({ type: "hello", cursor });
    await again.until(() => again.markers.length === 1);
    expect(again.frames[0]).toMatchObject({ type: "welcome", recovered: true });
    expect(again.markers).toEqual(["meanwhile"]);
  });

  it("says that the CMS and Redis are away, lets nobody in, and ends in order all the same", async () => {
    const running = await TestProgram.start({
      args: ["--cms-url=http://127.0.0.1:9/Plone", "--redis-url=redis://:redis-password@127.0.0.1:9"],
    });
    await running.logged("Redis does not answer.");
    const response = await fetch(`${running.operationsUrl}/readyz`);
    expect([response.status, await response.text()]).toEqual([
      503,
      expect.stringMatching(/log does not answer/),
    ]);
    expect((await fetch(`${running.operationsUrl}/healthz`)).status).toBe(200);
    expect(await running.kill()).toBe(0);
    expect(running.output).not.toContain("redis-password");
  });
});

const CANARY = "canary-4f1c9d2e7a";
const TRANSPORTS: readonly SockJsTransport[] = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];

describe("what the program writes", () => {
  it(
    "never has a cookie, a secret, a session or a snippet in it, whatever happens",
    { timeout: 60_000 },
    async () => {
      const cms = await startCms();
      const redis = await TestRedis.start();
      onTestFinished(() => redis.close());
      const running = await TestProgram.start({
        cms,
        args: ["--log-level=debug"],
        env: { PUSH_PUBLISH_SECRET: `${CANARY}-publish-secret`, REDIS_URL: redis.url },
      });
      // Connections, over each transport, with messages.
      const browser = await TestBrowser.start(running.origin, `jane.${CANARY}`);
      const publisher = createPublishClient({ url: running.url, secret: `${CANARY}-publish-secret` });
      for (const transport of TRANSPORTS) {
        const client = browser.sockJs(transport);
        await client.opened;
        client.send({ type: "hello" });
        await client.until(() => client.frames.length > 0);
        await publisher.publish({ to: "user:jane", html: `<p>${CANARY}</p>`, target: `#${CANARY}` });
        await client.until(() => client.messages.length > 0);
        client.socket.close();
      }
      // Refusals and garbage.
      const raw = redis.client();
      await raw.xadd("push:log", "*", "to", "user:jane", "message", `{"html": "<p>${CANARY}`);
      await raw.xadd("push:log", "*", "to", "no topic", "message", `{"marker":"${CANARY}"}`);
      const headers = { Cookie: `__ac=stranger.${CANARY}; auth_token=${CANARY}`, Origin: running.origin };
      for (const path of [
        `/info?__ac=${CANARY}`,
        `/000/${CANARY}/xhr`,
        `/${CANARY}`,
        `/users/${CANARY}/connections`,
      ]) {
        await fetch(running.url + path, { method: "POST", headers, body: CANARY });
      }
      await fetch(`${running.url}/messages`, {
        method: "POST",
        headers: { ...headers, Authorization: `Bearer ${CANARY}` },
        body: `{"html": "<p>${CANARY}</p>"`,
      });
      const malformed = await visit(running, `__ac=jane.${CANARY}`).opened();
      malformed.socket.send(`{"type": "${CANARY}`);
      await malformed.closed;
      const noHttp = connect(Number(new URL(running.origin).port), "127.0.0.1");
      noHttp.end(`${CANARY} / nonsense\r\nCookie: __ac=${CANARY}\r\n\r\n`);
      await new Promise((resolve) => noHttp.on("close", resolve).resume());
      // Failures of what is behind it.
      const known = await connectAs(running, `jane.${CANARY}`);
      cms.status = 500;
      await fetch(`${running.url}/info`, { headers: { ...headers, Cookie: `__ac=new.${CANARY}` } });
      await redis.stop("SIGKILL");
      await running.logged("Redis does not answer.");
      const lost = publisher.publish({ to: "user:jane", html: `<p>${CANARY}</p>` }).catch(() => undefined);
      await running.kill("SIGTERM");
      await lost;
      await known.closed;
      expect(running.lines.map(({ msg }) => msg)).toContain("A record of the message log is no message.");
      expect(running.output).not.toContain(CANARY);
    },
  );
});
