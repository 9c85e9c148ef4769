import { describe, expect, it, onTestFinished } from "vitest";
import { PUBLISH_SECRET, TestSite } from "./testing/test-site.ts";
import { TestRedis } from "./testing/test-redis.ts";
import { createPublishClient } from "./publish-client.ts";

async function siteOf(mode: string): Promise<TestSite> {
  if (mode === "in memory") return await TestSite.start();
  const redis = await TestRedis.start();
  onTestFinished(() => redis.close());
  return await TestSite.start({ redisUrl: redis.url });
}

describe.each(["in memory", "on Redis"])("a push server %s", (mode) => {
  it("relays a message to those it is for, each told their own topics, and to nobody else", async () => {
    const site = await siteOf(mode);
    const [jane, john, mallory] = await Promise.all(
      ["jane", "john", "mallory"].map((user) => site.connect(user)),
    );
    await site.push.publish({ to: ["user:jane", "group:johns-group", "group:janes-group"], marker: "1" });
    await site.push.publish({ to: "all", marker: "2" });
    for (const client of [jane, john, mallory]) await client?.until(() => client.markers.includes("2"));
    expect(jane?.messages.map(({ topics }) => topics)).toEqual([["user:jane", "group:janes-group"], ["all"]]);
    expect(john?.messages.map(({ topics }) => topics)).toEqual([["group:johns-group"], ["all"]]);
    expect(mallory?.markers).toEqual(["2"]);
  });

  it("replays what came after the client's cursor, and from then on what comes", async () => {
    const site = await siteOf(mode);
    const before = await site.connect("jane");
    await site.push.publish({ to: "user:jane", marker: "seen" });
    await before.until(() => before.markers.length === 1);
    const cursor = before.messages[0]?.cursor ?? "0-0";
    await before.close();
    await site.push.publish({ to: "user:jane", marker: "missed" });
    await site.push.publish({ to: "user:john", marker: "of somebody else" });
    const after = await site.connect("jane", { cursor });
    await site.push.publish({ to: "user:jane", marker: "live" });
    await after.until(() => after.markers.includes("live"));
    expect(await after.frame("welcome")).toEqual({ type: "welcome", user: "jane", cursor, recovered: true });
    expect(after.markers).toEqual(["missed", "live"]);
  });

  it("takes messages over HTTP, and one with the same id once", async () => {
    const site = await siteOf(mode);
    const jane = await site.connect("jane");
    const client = createPublishClient({ url: `${site.origin}/push`, secret: PUBLISH_SECRET });
    await client.publish({ to: "user:jane", marker: "once", id: "the same" });
    await client.publish({ to: "user:jane", marker: "once", id: "the same" });
    await client.publish({ to: "user:jane", marker: "last" });
    await jane.until(() => jane.markers.includes("last"));
    expect(jane.markers).toEqual(["once", "last"]);
  });
});
