import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { knock } from "./testing/knock.ts";
import { TestSite } from "./testing/test-site.ts";

describe("a slow reader", () => {
  it("holds no more than its bound, is closed with 4008, and comes back to what it missed; others do not notice", async () => {
    const site = await TestSite.start();
    const sockets: Socket[] = [];
    site.server.on("connection", (socket) => sockets.push(socket));
    const slow = await site.connect("jane");
    const [serverSide] = sockets;
    const quick = await site.connect("john");
    slow.socket.pause();
    let most = 0;
    const count = 3000;
    const readsOn = (async () => {
      while (site.push.connections > 1) await new Promise((resolve) => setTimeout(resolve, 20));
      slow.socket.resume();
    })();
    for (let i = 0; i < count; i += 1) {
      await site.push.publish({ to: "all", marker: `${i} ${"x".repeat(5000)}` });
      await new Promise(setImmediate);
      most = Math.max(most, serverSide?.writableLength ?? 0);
    }
    await quick.until(() => quick.messages.length === count);
    expect(most).toBeGreaterThan(100_000);
    expect(most).toBeLessThanOrEqual(262_144 + 1000);
    await readsOn;
    expect(await slow.closed).toEqual({ code: 4008, reason: "too-slow" });
    const seen = slow.messages.length;
    expect(seen).toBeLessThan(count);
    const back = await site.connect("jane", { cursor: slow.messages.at(-1)?.cursor ?? "0-0" });
    await back.until(() => back.messages.length === count - seen);
    expect([...slow.markers, ...back.markers]).toEqual(quick.markers);
  });

  it("that keeps reading gets everything in its own time, and is not closed", async () => {
    const site = await TestSite.start();
    const slow = await site.connect("jane");
    const count = 2000;
    let reading = false;
    const turns = setInterval(() => {
      reading = !reading;
      if (reading) slow.socket.resume();
      else slow.socket.pause();
    }, 15);
    for (let i = 0; i < count; i += 1) {
      await site.push.publish({ to: "all", marker: `${i} ${"x".repeat(5000)}` });
      await new Promise(setImmediate);
    }
    await slow.until(() => slow.messages.length === count);
    clearInterval(turns);
    slow.socket.resume();
    expect(new Set(slow.markers).size).toBe(count);
    await site.push.publish({ to: "all", marker: "live again" });
    await slow.until(() => slow.markers.includes("live again"));
  });

  it("of a polling transport is held to the same bound", async () => {
    const site = await TestSite.start({ limits: { sessionTimeoutMs: 20_000, maxBufferedBytes: 50_000 } });
    const headers = { Cookie: "__ac=jane", Origin: site.origin };
    const poll = { port: site.port, method: "POST", path: "/push/0/slow/xhr", headers };
    await knock(poll);
    await knock({ ...poll, path: `${poll.path}_send`, body: JSON.stringify(['{"type":"hello"}']) });
    expect((await knock(poll)).body).toContain("welcome");
    for (let i = 0; i < 100; i += 1)
      await site.push.publish({ to: "all", marker: `${i} ${"x".repeat(5000)}` });
    while (site.push.connections > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const { body } = await knock(poll);
    expect(body.length).toBeGreaterThan(40_000);
    expect(body.length).toBeLessThan(60_000);
    expect((await knock(poll)).body).toBe('c[4008,"too-slow"]\n');
  });
});
