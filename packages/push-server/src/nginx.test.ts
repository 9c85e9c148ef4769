import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createPublishClient } from "./publish-client.ts";
import { ReturningClient } from "./testing/returning-client.ts";
import { TestBrowser, type SockJsTransport, type TestSockJs } from "./testing/test-browser.ts";
import { TestCms } from "./testing/test-cms.ts";
import { TestNginx } from "./testing/test-nginx.ts";
import { TestProgram } from "./testing/test-program.ts";
import { TestRedis } from "./testing/test-redis.ts";

const TRANSPORTS: readonly SockJsTransport[] = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];
const SECRET = "a-publish-secret-of-the-tests";

/** Two nodes on one Redis behind one nginx, and somebody who publishes through it. */
async function startCluster() {
  const [cms, redis] = await Promise.all([TestCms.start(), TestRedis.start()]);
  onTestFinished(() => cms.close());
  onTestFinished(() => redis.close());
  cms.addUser("jane");
  const env = { REDIS_URL: redis.url, PUSH_PUBLISH_SECRET: SECRET };
  const start = (port = 0) => TestProgram.start({ cms, env, port });
  const nodes = await Promise.all([start(), start()]);
  const nginx = await TestNginx.start([portOf(nodes[0]), portOf(nodes[1])]);
  const browser = await TestBrowser.start(nginx.origin, "jane");
  const publisher = createPublishClient({ url: `${nginx.origin}/push`, secret: SECRET, attempts: 6 });
  return { nodes, start, nginx, browser, publisher };
}

function portOf(node: TestProgram): number {
  return Number(new URL(node.origin).port);
}

/** sockjs-client gives a transport as long as `info` lets it expect, which a busy machine may miss: then again. */
async function connect(browser: TestBrowser, transport: SockJsTransport): Promise<TestSockJs> {
  for (;;) {
    const client = browser.sockJs(transport);
    const isOpen = await Promise.race([client.opened.then(() => true), client.closed.then(() => false)]);
    if (isOpen) return client;
  }
}

describe("behind nginx, as documented", { timeout: 120_000 }, () => {
  it("a SockJS session stays at its node, over each transport, and the gate sees the origin", async () => {
    const { nginx, browser, publisher } = await startCluster();
    const clients: TestSockJs[] = [];
    for (const transport of [...TRANSPORTS, ...TRANSPORTS, ...TRANSPORTS]) {
      const client = await connect(browser, transport);
      clients.push(client);
      client.send({ type: "hello" });
      await client.until(() => client.frames.length > 0);
    }
    for (const marker of ["one", "two", "three"]) await publisher.publish({ to: "user:jane", marker });
    for (const client of clients) {
      await client.until(() => client.markers.length === 3);
      expect(client.markers).toEqual(["one", "two", "three"]);
      client.socket.close();
    }
    const log = await nginx.accessLog();
    expect(log).toMatch(/POST \/push\/-\/-\/xhr_send 204/);
    expect(log).not.toMatch(/\/push\/\d{3}\//);

    const ask = (headers: Record<string, string>) => fetch(`${nginx.origin}/push/info`, { headers });
    expect((await ask({ Cookie: "__ac=jane", Origin: nginx.origin })).status).toBe(200);
    expect((await ask({ Cookie: "__ac=jane", Origin: "http://evil.example" })).status).toBe(403);
    expect((await ask({ Cookie: "__ac=stranger" })).status).toBe(401);
    expect((await fetch(`${nginx.origin}/metrics`)).status).toBe(404);
  });

  it("clients of a node that is killed are complete on the other, whichever it is", async () => {
    const { nodes, start, browser, publisher } = await startCluster();
    const clients = [...TRANSPORTS, ...TRANSPORTS].map(
      (transport) => new ReturningClient(browser, transport),
    );
    const expected: string[] = [];
    const publish = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const marker = `message ${expected.length}`;
        expected.push(marker);
        await publisher.publish({ to: "user:jane", marker });
      }
    };
    const complete = () => {
      const lacking = clients.filter(({ markers }) => markers.join() !== expected.join());
      const found = lacking.map(({ transport, welcomes, markers }) => ({ transport, welcomes, markers }));
      expect(found, `all of ${expected.length} messages, each once`).toEqual([]);
    };
    const patience = { timeout: 40_000, interval: 50 };
    await vi.waitFor(() => expect(clients.every(({ welcomes }) => welcomes > 0)).toBe(true), patience);
    await publish(20);
    await vi.waitFor(complete, patience);

    const publishing = publish(30);
    await nodes[0].kill("SIGKILL");
    await publishing;
    await vi.waitFor(complete, patience);

    await start(portOf(nodes[0]));
    const more = publish(30);
    await nodes[1].kill("SIGKILL");
    await more;
    await vi.waitFor(complete, patience);
    expect(clients.some(({ incomplete }) => incomplete)).toBe(false);
    expect(clients.every(({ welcomes }) => welcomes > 1)).toBe(true);
  });
});
