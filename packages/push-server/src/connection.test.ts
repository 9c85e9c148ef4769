import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { TestBrowser } from "./testing/test-browser.ts";
import { knock } from "./testing/knock.ts";
import { PUBLISH_SECRET, TestSite } from "./testing/test-site.ts";

describe("a connection", () => {
  it("is welcomed without a hello after a while", async () => {
    const site = await TestSite.start({ limits: { helloTimeoutMs: 0 } });
    const jane = await site.visit("jane").opened();
    expect(await jane.frame("welcome")).toMatchObject({ user: "jane", recovered: true });
    await site.push.publish({ to: "user:jane", marker: "1" });
    await jane.until(() => jane.markers.length === 1);
  });

  it.each(["nonsense", "[]", '{"type":"welcome"}', '{"type":"hello","cursor":"x"}', '{"type":"subscribe"}'])(
    "is closed with 4000 when it says %s",
    async (text) => {
      const site = await TestSite.start();
      const jane = await site.connect("jane");
      jane.socket.send(text);
      expect(await jane.closed).toEqual({ code: 4000, reason: "malformed-frame" });
      expect(site.push.connections).toBe(0);
    },
  );

  it("is closed with 4000 when it greets twice, or sends bytes", async () => {
    const site = await TestSite.start();
    const [twice, bytes] = [await site.connect("jane"), await site.connect("jane")];
    twice.send({ type: "hello" });
    bytes.socket.send(Buffer.from("bytes"));
    expect((await twice.closed).code).toBe(4000);
    expect((await bytes.closed).code).toBe(4000);
  });

  it("is closed with 4029 and a delay when it says or asks too much", async () => {
    const site = await TestSite.start({ limits: { maxFramesPerSecond: 20, maxSubscriptions: 5 } });
    const talker = await site.connect("jane");
    for (let i = 0; i < 30; i += 1) talker.send({ type: "unsubscribe", topic: "object:/x" });
    expect(await talker.closed).toMatchObject({
      code: 4029,
      reason: expect.stringMatching(/^limit-exceeded \d+$/),
    });
    const asker = await site.connect("jane");
    for (let i = 0; i < 6; i += 1) asker.send({ type: "subscribe", topic: `object:/${i}` });
    expect((await asker.closed).code).toBe(4029);
  });

  it("breaks for a frame that is too large", async () => {
    const site = await TestSite.start({ limits: { maxFrameBytes: 1000 } });
    const jane = await site.connect("jane");
    jane.socket.send("x".repeat(2000));
    expect((await jane.closed).code).toBe(1009);
  });

  it("gets object topics that the CMS shows, with what came on them since, and is refused the others", async () => {
    const site = await TestSite.start();
    site.cms.addUser("jane", [], ["/a folder/plan.pdf"]);
    const jane = await site.connect("jane");
    const { cursor } = await jane.frame("welcome");
    await site.push.publish({ to: "object:/a%20folder/plan.pdf", marker: "before" });
    jane.send({ type: "subscribe", topic: "object:/a%20folder/plan.pdf", cursor });
    jane.send({ type: "subscribe", topic: "object:/secret" });
    jane.send({ type: "subscribe", topic: "user:john" });
    jane.send({ type: "subscribe", topic: "all" });
    await jane.until(() => jane.frames.filter(({ type }) => type === "refused").length === 3);
    await jane.frame("subscribed");
    await site.push.publish({ to: ["object:/secret", "user:john"], marker: "not hers" });
    await site.push.publish({ to: "object:/a%20folder/plan.pdf", marker: "after" });
    await jane.until(() => jane.markers.includes("after"));
    expect(jane.markers).toEqual(["before", "after"]);
    expect(jane.frames.filter(({ type }) => type === "refused")).toEqual(
      expect.arrayContaining(
        ["object:/secret", "user:john", "all"].map((topic) => ({ type: "refused", topic })),
      ),
    );
  });

  it("gets the object topics of its hello replayed in the log's order, and answered after that", async () => {
    const site = await TestSite.start();
    site.cms.addUser("jane", [], ["/plan"]);
    const cursor = (await (await site.connect("john")).frame("welcome")).cursor;
    for (const [to, marker] of [
      ["object:/plan", "1"],
      ["user:jane", "2"],
      ["object:/plan", "3"],
    ] as const) {
      await site.push.publish({ to, marker });
    }
    const jane = await site.connect("jane", { cursor, topics: ["object:/plan", "object:/secret"] });
    await jane.frame("subscribed");
    await jane.frame("refused");
    expect(
      jane.frames.map((frame) => (frame.type === "message" ? frame.message.marker : frame.type)).slice(0, 4),
    ).toEqual(["welcome", "1", "2", "3"]);
  });

  it("does not make the page wait for one object that the CMS is slow with, and loses nothing of it", async () => {
    const site = await TestSite.start({ cmsOptions: { timeoutMs: 10_000 } });
    site.cms.addUser("jane", [], ["/slow"]);
    const jane = await site.visit("jane").opened();
    site.cms.delayMs = 2500;
    jane.send({ type: "hello", topics: ["object:/slow"] });
    while (!site.cms.asked.has("/slow")) await new Promise((resolve) => setTimeout(resolve, 10));
    await site.push.publish({ to: "object:/slow", marker: "meanwhile" });
    await jane.frame("welcome");
    expect(jane.frames).toHaveLength(1);
    await jane.frame("subscribed");
    expect(jane.markers).toEqual(["meanwhile"]);
  });

  it("no longer gets a topic that it unsubscribed", async () => {
    const site = await TestSite.start();
    site.cms.addUser("jane", [], ["/plan"]);
    const jane = await site.connect("jane", { topics: ["object:/plan"] });
    await jane.frame("subscribed");
    jane.send({ type: "unsubscribe", topic: "object:/plan" });
    jane.send({ type: "subscribe", topic: "object:/none" });
    await jane.frame("refused");
    await site.push.publish({ to: "object:/plan", marker: "unwanted" });
    await site.push.publish({ to: "user:jane", marker: "wanted" });
    await jane.until(() => jane.markers.includes("wanted"));
    expect(jane.markers).toEqual(["wanted"]);
  });

  it("is told that something may be missing when the log does not reach back that far", async () => {
    const site = await TestSite.start({ retention: { maxEntries: 10, maxTopicShare: 1 } });
    const first = await site.connect("jane");
    const { cursor } = await first.frame("welcome");
    for (let i = 0; i < 20; i += 1) await site.push.publish({ to: "user:jane", marker: `${i}` });
    await first.until(() => first.messages.length === 20);
    const late = await site.connect("jane", { cursor });
    expect(await late.frame("welcome")).toMatchObject({
      recovered: false,
      cursor: first.messages.at(-1)?.cursor,
    });
    const john = await site.connect("john", { cursor });
    expect(await john.frame("welcome")).toMatchObject({ recovered: true });
    const old = await site.connect("jane", { cursor: "1000-0" });
    expect(await old.frame("welcome")).toMatchObject({ recovered: false });
  });
});

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

describe("a session", () => {
  it("that the CMS no longer knows closes its connections with 4010, on every transport", async () => {
    const site = await TestSite.start({ revalidateMs: 200 });
    const jane = await site.connect("jane.old");
    const renewed = await site.connect("jane.new");
    const browser = await TestBrowser.start(site.origin, "jane.old");
    const streaming = browser.sockJs("xhr-streaming");
    await streaming.opened;
    site.cms.revoked.add("jane.old");
    expect(await jane.closed).toEqual({ code: 4010, reason: "session-expired" });
    expect(await streaming.closed).toEqual({ code: 4010, reason: "session-expired" });
    await site.push.publish({ to: "user:jane", marker: "still here" });
    await renewed.until(() => renewed.markers.includes("still here"));
  });

  it("that is renewed while a polling transport is open goes on with the renewed cookie", async () => {
    const site = await TestSite.start({ revalidateMs: 200 });
    const browser = await TestBrowser.start(site.origin, "jane.old");
    const client = browser.sockJs("xhr-polling");
    await client.opened;
    client.send({ type: "hello" });
    await client.until(() => client.frames.length > 0);
    browser.user = "jane.new";
    await site.push.publish({ to: "user:jane", marker: "ends the poll that has the old cookie" });
    await client.until(() => client.markers.length === 1);
    client.send({ type: "subscribe", topic: "object:/any" }); // comes with the new one
    await client.until(() => client.frames.some(({ type }) => type === "refused"));
    site.cms.revoked.add("jane.old");
    const asked = site.cms.asked.get("/whoami") ?? 0;
    while ((site.cms.asked.get("/whoami") ?? 0) < asked + 3)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await site.push.publish({ to: "user:jane", marker: "still here" });
    await client.until(() => client.markers.includes("still here"));
  });

  it("whose user changes groups gets the topics of the new ones and loses those of the old", async () => {
    const site = await TestSite.start({ revalidateMs: 200 });
    site.cms.addUser("jane", ["old"]);
    const jane = await site.connect("jane");
    site.cms.addUser("jane", ["new"]);
    while (!jane.markers.includes("to the new")) {
      await site.push.publish({ to: "group:new", marker: "to the new" });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await site.push.publish({ to: "group:old", marker: "to the old" });
    await site.push.publish({ to: "user:jane", marker: "last" });
    await jane.until(() => jane.markers.includes("last"));
    expect(jane.markers).not.toContain("to the old");
  });

  it("loses an object topic when the CMS no longer shows the object", async () => {
    const site = await TestSite.start({ revalidateMs: 200 });
    site.cms.addUser("jane", [], ["/plan"]);
    const jane = await site.connect("jane", { topics: ["object:/plan"] });
    await jane.frame("subscribed");
    site.cms.addUser("jane", [], []);
    expect(await jane.frame("refused")).toEqual({ type: "refused", topic: "object:/plan" });
    await site.push.publish({ to: "object:/plan", marker: "hidden" });
    await site.push.publish({ to: "user:jane", marker: "last" });
    await jane.until(() => jane.markers.includes("last"));
    expect(jane.markers).toEqual(["last"]);
  });

  it("outlives a CMS that is away for less than the grace, and ends with 4013 and a delay after it", async () => {
    const site = await TestSite.start({ revalidateMs: 200, cmsOptions: { graceSeconds: 3 } });
    const jane = await site.connect("jane");
    site.cms.status = 503;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await site.push.publish({ to: "user:jane", marker: "within the grace" });
    await jane.until(() => jane.markers.includes("within the grace"));
    expect(await jane.closed).toMatchObject({
      code: 4013,
      reason: expect.stringMatching(/^cms-unknown \d+$/),
    });
  });

  it("is asked about once for all its connections", async () => {
    const site = await TestSite.start({ revalidateMs: 100, cmsOptions: { cacheSeconds: 10 } });
    await Promise.all(Array.from({ length: 30 }, () => site.connect("jane")));
    const before = site.cms.asked.get("/whoami") ?? 0;
    expect(before).toBe(1);
    while ((site.cms.asked.get("/whoami") ?? 0) < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(site.push.connections).toBe(30);
  });

  it("ends with 4011 on request over HTTP, connected or about to greet, and may come back", async () => {
    const site = await TestSite.start();
    site.cms.addUser("jane doe", []);
    const [jane, silent, john] = [
      await site.connect("jane doe"),
      await site.visit("jane doe").opened(),
      await site.connect("john"),
    ];
    const path = "/push/users/jane%20doe/connections";
    expect((await site.fetch(path, { method: "DELETE" })).status).toBe(401);
    const wrong = { Authorization: "Bearer wrong" };
    expect((await site.fetch(path, { method: "DELETE", headers: wrong })).status).toBe(401);
    expect(john.socket.readyState).toBe(john.socket.OPEN);
    const headers = { Authorization: `Bearer ${PUBLISH_SECRET}` };
    expect((await site.fetch(path, { method: "DELETE", headers })).status).toBe(204);
    expect(await jane.closed).toEqual({ code: 4011, reason: "signed-out" });
    expect(await silent.closed).toEqual({ code: 4011, reason: "signed-out" });
    await site.connect("jane doe");
    expect(site.push.connections).toBe(2);
  });
});
