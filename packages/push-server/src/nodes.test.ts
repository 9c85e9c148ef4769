import { describe, expect, it, onTestFinished } from "vitest";
import type { Cursor } from "push-protocol";
import { TestCms } from "./testing/test-cms.ts";
import { TestNetwork } from "./testing/test-network.ts";
import { TestRedis } from "./testing/test-redis.ts";
import { PUBLISH_SECRET, TestSite } from "./testing/test-site.ts";

async function startRedis(): Promise<TestRedis> {
  const redis = await TestRedis.start();
  onTestFinished(() => redis.close());
  return redis;
}

async function startCms(): Promise<TestCms> {
  const cms = await TestCms.start();
  onTestFinished(() => cms.close());
  for (const id of ["jane", "john"]) cms.addUser(id);
  return cms;
}

async function twoNodes(redis: TestRedis): Promise<readonly [TestSite, TestSite]> {
  const testCms = await startCms();
  const one = await TestSite.start({ testCms, redisUrl: redis.url });
  const other = await TestSite.start({ testCms, redisUrl: redis.url });
  return [one, other];
}

function lastCursor(client: { readonly messages: readonly { readonly cursor: Cursor }[] }): Cursor {
  return client.messages.at(-1)?.cursor ?? "0-0";
}

describe("two nodes on one Redis", () => {
  it("give everybody everything in the same order, whichever node it was published on", async () => {
    const [one, other] = await twoNodes(await startRedis());
    const clients = [await one.connect("jane"), await other.connect("jane")];
    for (let i = 0; i < 50; i += 1) {
      await (i % 2 === 0 ? one : other).push.publish({ to: "user:jane", marker: `${i}` });
    }
    for (const client of clients) await client.until(() => client.messages.length === 50);
    expect(clients[0]?.messages).toEqual(clients[1]?.messages);
    expect(clients[0]?.markers).toEqual(Array.from({ length: 50 }, (_, index) => `${index}`));
  });

  it("complete each other's clients: a cursor of one is good on the other, and on one that starts later", async () => {
    const redis = await startRedis();
    const [one, other] = await twoNodes(redis);
    const jane = await one.connect("jane");
    await one.push.publish({ to: "user:jane", marker: "1" });
    await jane.until(() => jane.messages.length === 1);
    await one.close();
    await other.push.publish({ to: "user:jane", marker: "2" });
    const onOther = await other.connect("jane", { cursor: lastCursor(jane) });
    await onOther.until(() => onOther.messages.length === 1);
    expect(await onOther.frame("welcome")).toMatchObject({ recovered: true });
    await other.close();
    const late = await TestSite.start({ redisUrl: redis.url });
    const onLate = await late.connect("jane", { cursor: lastCursor(jane) });
    await onLate.until(() => onLate.messages.length === 1);
    expect(await onLate.frame("welcome")).toMatchObject({ recovered: true });
    expect(onLate.markers).toEqual(["2"]);
  });

  it("sign a user out of both, by one request", async () => {
    const [one, other] = await twoNodes(await startRedis());
    const [here, there, john] = [
      await one.connect("jane"),
      await other.connect("jane"),
      await other.connect("john"),
    ];
    const headers = { Authorization: `Bearer ${PUBLISH_SECRET}` };
    const path = "/push/users/jane/connections";
    expect((await one.fetch(path, { method: "DELETE", headers })).status).toBe(204);
    expect((await here.closed).code).toBe(4011);
    expect((await there.closed).code).toBe(4011);
    expect(john.socket.readyState).toBe(john.socket.OPEN);
  });

  it("take a message with one id once, though both are given it at the same time", async () => {
    const [one, other] = await twoNodes(await startRedis());
    const jane = await one.connect("jane");
    const message = { to: "user:jane", marker: "once", id: "the same" } as const;
    await Promise.all([one, other, one, other].map((node) => node.push.publish(message)));
    await other.push.publish({ to: "user:jane", marker: "last" });
    await jane.until(() => jane.markers.includes("last"));
    expect(jane.markers).toEqual(["once", "last"]);
  });
});

describe("on Redis", () => {
  it("what anybody adds with XADD arrives, and what is no message harms nobody", async () => {
    const redis = await startRedis();
    const site = await TestSite.start({ redisUrl: redis.url });
    const jane = await site.connect("jane");
    const cli = redis.client();
    await cli.xadd("push:log", "*", "to", "user:jane", "message", "not JSON");
    await cli.xadd("push:log", "*", "to", "user:jane", "message", '{"marker":"x"}}{"');
    await cli.xadd("push:log", "*", "to", "nobody", "message", '{"marker":"x"}');
    await cli.xadd("push:log", "*", "to", "user:jane", "message", '{"html":"a","url":"b"}');
    await cli.xadd("push:log", "*", "anything", "else");
    const deep = `{"marker":"x","deep":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    await cli
      .multi()
      .xadd("push:log", "*", "to", "user:jane", "message", deep)
      .xadd("push:log", "*", "to", "all", "message", '{"marker":"beside it"}')
      .exec();
    const cursor = await cli.xadd("push:log", "*", "to", " user:jane  all ", "message", '{"marker":"good"}');
    await jane.until(() => jane.messages.length === 2);
    expect(jane.messages).toEqual([
      expect.objectContaining({ message: expect.objectContaining({ marker: "beside it" }) }),
      { type: "message", cursor, topics: ["user:jane", "all"], message: { id: cursor, marker: "good" } },
    ]);
  });

  it("nothing is lost while Redis is away: connections stay, and it arrives when Redis is back", async () => {
    const redis = await startRedis();
    const site = await TestSite.start({ redisUrl: redis.url });
    const jane = await site.connect("jane");
    await redis.stop("SIGKILL");
    const published = site.push.publish({ to: "user:jane", marker: "while away" });
    const newcomer = await site.connect("john");
    await redis.start();
    await published;
    await site.push.publish({ to: "all", marker: "after" });
    await jane.until(() => jane.markers.includes("after"));
    await newcomer.until(() => newcomer.markers.includes("after"));
    expect(jane.markers).toEqual(["while away", "after"]);
  });

  it("what another node publishes during a cut of this one's network arrives after it", async () => {
    const redis = await startRedis();
    const network = await TestNetwork.to(redis.port);
    const testCms = await startCms();
    const cutOff = await TestSite.start({ testCms, redisUrl: `redis://127.0.0.1:${network.port}` });
    const other = await TestSite.start({ testCms, redisUrl: redis.url });
    const jane = await cutOff.connect("jane");
    network.cut();
    await other.push.publish({ to: "user:jane", marker: "during the cut" });
    network.restore();
    await jane.until(() => jane.messages.length === 1);
    expect(jane.markers).toEqual(["during the cut"]);
  });

  it("a Redis that lost the log sends everybody away to come back, and tells them that something may be missing", async () => {
    const redis = await startRedis();
    const site = await TestSite.start({ redisUrl: redis.url });
    const jane = await site.connect("jane");
    await site.push.publish({ to: "user:jane", marker: "1" });
    await jane.until(() => jane.messages.length === 1);
    await redis.stop("SIGKILL");
    await redis.wipe();
    await redis.start();
    expect((await jane.closed).code).toBe(4012);
    const back = await site.connect("jane", { cursor: lastCursor(jane) });
    expect(await back.frame("welcome")).toMatchObject({ recovered: false });
    await site.push.publish({ to: "user:jane", marker: "2" });
    await back.until(() => back.markers.includes("2"));
  });

  it("nobody is let in before the log has been read, and everybody is once it has", async () => {
    const redis = await startRedis();
    await redis.stop("SIGKILL");
    const site = await TestSite.start({ redisUrl: redis.url });
    expect((await site.fetch("/push/readyz")).status).toBe(503);
    expect((await site.fetch("/push/info", { user: "jane" })).status).toBe(503);
    await redis.start();
    while ((await site.fetch("/push/readyz")).status !== 200) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await site.connect("jane");
  });
});

describe("the log on Redis", () => {
  it("keeps no more than the nodes retain, whatever was added, and the nodes know what they let go of", async () => {
    const redis = await startRedis();
    const retention = { maxEntries: 20, maxAgeMs: 2000 };
    const site = await TestSite.start({ redisUrl: redis.url, retention, forgetDelayMs: 0 });
    const jane = await site.connect("jane");
    const { cursor } = await jane.frame("welcome");
    const cli = redis.client();
    for (let i = 0; i < 100; i += 1) await site.push.publish({ to: "user:jane", marker: `${i}` });
    await cli.xadd("push:log", "*", "no", "message");
    await site.push.closeConnections("john");
    while ((await cli.xlen("push:log")) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const late = await TestSite.start({ redisUrl: redis.url });
    const welcomes = await Promise.all(
      (["jane", "john"] as const).map(async (user) =>
        (await late.connect(user, { cursor })).frame("welcome"),
      ),
    );
    expect(welcomes.map(({ recovered }) => recovered)).toEqual([false, true]);
  });
});
