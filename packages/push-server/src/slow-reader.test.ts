import { once } from "node:events";
import { connect, type Socket } from "node:net";
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
      await quick.until(() => quick.messages.length > i - 50); // on a machine that is busy, too
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

  it.each([
    ["xhr_streaming", "POST"],
    ["eventsource", "GET"],
  ])(
    "of %s holds no more than its bound, is told 4008, is cut off, and comes back to what it missed",
    async (transport, method) => {
      const site = await TestSite.start({ limits: { maxBufferedBytes: 100_000 } });
      const headers = { Cookie: "__ac=jane", Origin: site.origin };
      const [stalled, serverSide] = await ask(site, method, `/push/0/slow/${transport}`, headers);
      while (site.push.connections === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      const hello = JSON.stringify(['{"type":"hello"}']);
      await knock({ port: site.port, method: "POST", path: "/push/0/slow/xhr_send", headers, body: hello });
      const count = 1000;
      for (let i = 0; i < count; i += 1) {
        await site.push.publish({ to: "all", marker: `${i} ${"x".repeat(5000)}` });
        await new Promise(setImmediate);
      }
      while (site.push.connections > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      const poll = { port: site.port, method: "POST", path: "/push/0/slow/xhr", headers };
      const [waited, told] = [await knock(poll), await knock(poll)];
      expect(waited.body.length).toBeLessThan(110_000);
      expect(told.body).toBe('c[4008,"too-slow"]\n');
      while (!serverSide.destroyed) await new Promise((resolve) => setTimeout(resolve, 20));
      stalled.destroy();
      const back = await site.connect("jane", { cursor: "0-0" });
      await back.until(() => back.messages.length === count);
    },
  );

  it("of a poll's answer is cut off", async () => {
    const limits = { maxStallMs: 500, sessionTimeoutMs: 60_000, maxBufferedBytes: 20_000_000 };
    const site = await TestSite.start({ limits });
    const headers = { Cookie: "__ac=jane", Origin: site.origin };
    const poll = { port: site.port, method: "POST", path: "/push/0/slow/xhr", headers };
    await knock(poll);
    await knock({ ...poll, path: `${poll.path}_send`, body: JSON.stringify(['{"type":"hello"}']) });
    await knock(poll);
    // More than the kernel takes for a reader that takes nothing.
    const marker = "x".repeat(60_000);
    await Promise.all(Array.from({ length: 200 }, () => site.push.publish({ to: "all", marker })));
    const [stalled, serverSide] = await ask(site, "POST", poll.path, headers);
    while (serverSide.writableLength === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    while (!serverSide.destroyed) await new Promise((resolve) => setTimeout(resolve, 20));
    stalled.destroy();
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

/** Sends a request, and reads nothing of its answer. @returns both ends of its connection */
async function ask(
  site: TestSite,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<readonly [Socket, Socket]> {
  const accepted = once(site.server, "connection") as Promise<[Socket]>;
  const socket = connect({ port: site.port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  socket.pause();
  const lines = Object.entries({ Host: `127.0.0.1:${site.port}`, ...headers, "Content-Length": "0" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await new Promise<void>((resolve) => {
    socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n`, () => resolve());
  });
  return [socket, (await accepted)[0]];
}
