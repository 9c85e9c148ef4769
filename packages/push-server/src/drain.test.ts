import { describe, expect, it } from "vitest";
import { closeAction } from "push-protocol";
import { TestBrowser, type SockJsTransport } from "./testing/test-browser.ts";
import { TestSite } from "./testing/test-site.ts";

const TRANSPORTS: readonly SockJsTransport[] = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];

describe("a server that stops", () => {
  it("tells everybody when to come back, each another time, and waits until they are gone", async () => {
    const site = await TestSite.start({ limits: { maxConnectionsPerUser: 1000 } });
    const clients = await Promise.all(Array.from({ length: 200 }, () => site.connect("jane")));
    await site.push.close();
    const delays = await Promise.all(
      clients.map(async (client) => {
        const { code, reason } = await client.closed;
        expect(code).toBe(4012);
        return closeAction(code, reason).delayMs;
      }),
    );
    expect(new Set(delays).size).toBeGreaterThan(100);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1000);
    expect(site.push.connections).toBe(0);
  });

  it.each(TRANSPORTS)("tells sockjs-client over %s", async (transport) => {
    const site = await TestSite.start();
    const browser = await TestBrowser.start(site.origin, "jane");
    const client = browser.sockJs(transport);
    await client.opened;
    client.send({ type: "hello" });
    await client.until(() => client.frames.length > 0);
    await site.push.close();
    expect(await client.closed).toMatchObject({
      code: 4012,
      reason: expect.stringMatching(/^going-away \d+$/),
    });
  });

  it("is not ready, and lets nobody in, from the first moment", async () => {
    const site = await TestSite.start();
    expect((await site.fetch("/push/readyz")).status).toBe(200);
    const stalled = await site.connect("jane");
    stalled.socket.pause();
    const closing = site.push.close(500);
    expect((await site.fetch("/push/readyz")).status).toBe(503);
    expect((await site.fetch("/push/healthz")).status).toBe(200);
    expect((await site.fetch("/push/info", { user: "jane" })).status).toBe(503);
    expect((await site.fetch("/push/0/s/xhr", { user: "jane", method: "POST" })).status).toBe(503);
    await closing;
  });
});
