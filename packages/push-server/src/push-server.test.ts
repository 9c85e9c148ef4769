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

describe("what a push server logs", () => {
  it("has no cookie, session, secret or snippet in it, whatever goes wrong", async () => {
    const lines: string[] = [];
    const log = (fields: object, sentence: string): void => {
      lines.push(`${sentence} ${JSON.stringify(fields)}`);
    };
    const logger = { debug: log, info: log, warn: log, error: log };
    const redis = await TestRedis.start();
    onTestFinished(() => redis.close());
    const site = await TestSite.start({ redisUrl: redis.url, logger, cmsOptions: { graceSeconds: 0 } });
    const jane = await site.connect("jane.hidden-ticket");
    jane.send({ type: "subscribe", topic: "object:http://elsewhere.example/x" });
    await jane.frame("refused");
    const cli = redis.client();
    await cli.xadd("push:log", "*", "to", "user:jane", "message", '{"html":"hidden-snippet"');
    await cli.xadd("push:log", "*", "to", "user:jane", "message", '{"html":"hidden-snippet","url":"/x"}');
    while (lines.filter((line) => line.includes("no message")).length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const path = "/push/000/hidden-session";
    const user = "jane.hidden-ticket";
    await site.fetch(`${path}/xhr`, { method: "POST", user });
    await site.fetch(`${path}/xhr_send`, { method: "POST", user, body: "hidden-snippet" });
    await site.fetch("/push/messages", {
      method: "POST",
      headers: { Authorization: "Bearer hidden-secret" },
    });
    site.cms.status = 500;
    await site.fetch("/push/info", { user: "john.hidden-ticket" });
    await redis.stop("SIGKILL");
    while (!lines.some((line) => line.includes("Redis does not answer"))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(lines.join("\n")).not.toMatch(/hidden|__ac/);
  });
});
