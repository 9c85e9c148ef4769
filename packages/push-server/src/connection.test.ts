import { describe, expect, it } from "vitest";
import { TestSite } from "./testing/test-site.ts";

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

  it("is welcomed first, whatever it subscribes to meanwhile", async () => {
    const site = await TestSite.start();
    site.cms.addUser("jane", [], ["/plan", "/other"]);
    const { cursor } = await (await site.connect("john")).frame("welcome");
    for (const [to, marker] of [
      ["object:/other", "1"],
      ["object:/plan", "2"],
    ] as const) {
      await site.push.publish({ to, marker });
    }
    site.cms.hold();
    const visiting = site.visit("jane");
    while (site.cms.asked.get("/whoami") !== 2) await new Promise((resolve) => setTimeout(resolve, 10));
    site.cms.release();
    const jane = await visiting.opened();
    site.cms.hold();
    jane.send({ type: "hello", cursor, topics: ["object:/plan"] });
    jane.send({ type: "subscribe", topic: "object:/other", cursor: "0-0" });
    jane.send({ type: "subscribe", topic: "all" });
    while (!site.cms.asked.has("/other")) await new Promise((resolve) => setTimeout(resolve, 10));
    site.cms.release();
    await jane.until(() => jane.frames.filter(({ type }) => type === "subscribed").length === 2);
    await jane.frame("refused");
    expect(jane.frames[0]).toMatchObject({ type: "welcome", cursor, recovered: true });
    expect(jane.frames[1]).toMatchObject({ type: "message", topics: ["object:/plan"] });
    expect(jane.frames[2]).toEqual({ type: "subscribed", topic: "object:/plan", recovered: true });
    await site.push.publish({ to: ["object:/plan", "object:/other"], marker: "3" });
    await jane.until(() => jane.markers.includes("3"));
    expect(jane.messages.at(-1)?.topics).toEqual(["object:/plan", "object:/other"]);
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
      cursor: first.messages[9]?.cursor,
    });
    await late.until(() => late.markers.includes("19"));
    expect(late.markers).toEqual(first.markers.slice(-10)); // what is still there comes all the same
    const john = await site.connect("john", { cursor });
    expect(await john.frame("welcome")).toMatchObject({ recovered: true });
    const old = await site.connect("jane", { cursor: "1000-0" });
    expect(await old.frame("welcome")).toMatchObject({ recovered: false });
  });
});
