import { describe, expect, it } from "vitest";
import type { SockJsTransport, TestBrowser, TestSockJs } from "./testing/test-browser.ts";
import { TestCluster } from "./testing/test-cluster.ts";

const TRANSPORTS: readonly SockJsTransport[] = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];

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
    const { nginx, browser, publisher } = await TestCluster.start();
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
});
