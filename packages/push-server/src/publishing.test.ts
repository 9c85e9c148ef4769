import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPublishClient } from "./publish-client.ts";
import { TestRedis } from "./testing/test-redis.ts";
import { PUBLISH_SECRET, TestSite } from "./testing/test-site.ts";

const run = promisify(execFile);
const EXAMPLES = fileURLToPath(new URL("../docs/examples/", import.meta.url));

async function post(site: TestSite, content: unknown, secret: string = PUBLISH_SECRET): Promise<Response> {
  return await site.fetch("/push/messages", {
    method: "POST",
    headers: { Authorization: `Bearer ${secret}` },
    body: typeof content === "string" ? content : JSON.stringify(content),
  });
}

async function startRedis(): Promise<TestRedis> {
  const redis = await TestRedis.start();
  onTestFinished(() => redis.close());
  return redis;
}

/** A server that answers these statuses, one after the other, and what it was sent. */
async function answering(...statuses: readonly number[]): Promise<{ url: string; sent: string[] }> {
  const sent: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (data: Buffer) => (body += data.toString()));
    request.on("end", () => {
      sent.push(body);
      response.writeHead(statuses[sent.length - 1] ?? 500).end('{"message":"its own words"}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push/`, sent };
}

describe("POST /messages", () => {
  it("takes a message or a list, and says where each is in the log", async () => {
    const site = await TestSite.start();
    const jane = await site.connect("jane");
    const one = await post(site, { to: "user:jane", marker: "1" });
    expect(one.status).toBe(200);
    const list = await post(site, [
      { to: "user:jane", marker: "2", id: "x" },
      { to: "all", marker: "3" },
    ]);
    const again = await post(site, { to: "user:jane", marker: "2", id: "x" });
    const cursors = await Promise.all(
      [one, list, again].map(async (response) => ((await response.json()) as { cursors: string[] }).cursors),
    );
    await jane.until(() => jane.messages.length === 3);
    expect(jane.messages.map(({ cursor }) => cursor)).toEqual([...(cursors[0] ?? []), ...(cursors[1] ?? [])]);
    expect(cursors[2]).toEqual([cursors[1]?.[0]]);
  });

  it("publishes none of a list in which one is bad, and says which and why", async () => {
    const site = await TestSite.start();
    const jane = await site.connect("jane");
    const response = await post(site, [{ to: "user:jane", marker: "good" }, { to: "user:jane" }]);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      code: "invalid-message",
      message: expect.stringMatching(/^Message 2 of 2: .*exactly one of `html`, `url` and `marker`/),
    });
    await site.push.publish({ to: "user:jane", marker: "last" });
    await jane.until(() => jane.markers.includes("last"));
    expect(jane.markers).toEqual(["last"]);
  });

  it.each([
    ["not JSON", 400],
    ["[]", 200],
    ['{"to":"nobody","marker":"x"}', 400],
    [`{"to":"all","html":"${"x".repeat(70_000)}"}`, 400],
  ])("answers %.40s with %i", async (body, status) => {
    expect((await post(await TestSite.start(), body)).status).toBe(status);
  });

  it("refuses a wrong secret, a wrong method, a body that is too large, and everybody where no secret is set", async () => {
    const site = await TestSite.start({ limits: { maxPublishBytes: 1000 } });
    expect((await post(site, { to: "all", marker: "x" }, "wrong")).status).toBe(401);
    expect((await site.fetch("/push/messages")).status).toBe(405);
    expect((await post(site, { to: "all", html: "x".repeat(2000) })).status).toBe(413);
    const closed = await TestSite.start({ publishSecret: "" });
    expect((await post(closed, { to: "all", marker: "x" }, "")).status).toBe(401);
  });

  it("answers 503 when Redis does not take it, without losing what is sent again", async () => {
    const redis = await startRedis();
    const site = await TestSite.start({ redisUrl: redis.url });
    const jane = await site.connect("jane");
    redis.pause(true);
    const message = { to: "user:jane", marker: "once", id: "the same" };
    const refused = await post(site, message);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    redis.pause(false);
    expect((await post(site, message)).status).toBe(200);
    await site.push.publish({ to: "user:jane", marker: "last" });
    await jane.until(() => jane.markers.includes("last"));
    expect(jane.markers).toEqual(["once", "last"]);
  });
});

describe("the publish client", () => {
  it("tries again what may succeed later, with the same id", async () => {
    const { url, sent } = await answering(503, 429, 200);
    await createPublishClient({ url, secret: "s" }).publish({ to: "all", marker: "x" });
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(1);
    expect(JSON.parse(sent[0] ?? "")).toMatchObject({ to: "all", marker: "x", id: expect.any(String) });
  });

  it("does not try again what is refused, and says why without showing secret or message", async () => {
    const { url, sent } = await answering(401);
    const failed = createPublishClient({ url, secret: "hidden-secret" }).publish({
      to: "all",
      html: "hidden-html",
    });
    const error = await failed.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "publish-refused", retryable: false });
    expect(String(error)).toContain("401: its own words");
    expect(JSON.stringify(error) + String(error)).not.toContain("hidden");
    expect(sent).toHaveLength(1);
  });

  it("gives up after its attempts, and checks a message before it sends it", async () => {
    const { url, sent } = await answering(500, 500, 500);
    const client = createPublishClient({ url, secret: "s", attempts: 2 });
    await expect(client.publish({ to: "all", marker: "x" })).rejects.toMatchObject({
      code: "log-unavailable",
      retryable: true,
    });
    expect(sent).toHaveLength(2);
    await expect(client.publish({ to: "all" })).rejects.toMatchObject({ code: "invalid-message" });
    expect(sent).toHaveLength(2);
  });
});

describe("the documented ways to publish", () => {
  it("by XADD with redis-cli, word for word, and from Python", async () => {
    const redis = await startRedis();
    const site = await TestSite.start({ redisUrl: redis.url });
    const jane = await site.connect("jane");
    const page = await readFile(new URL("../docs/publishing.md", import.meta.url), "utf8");
    const command = /^redis-cli (.*)$/m.exec(page)?.[1] ?? "";
    await run("sh", ["-c", `redis-cli -p ${redis.port} ${command}`]);
    const python = [
      `${EXAMPLES}publish_xadd.py`,
      "127.0.0.1",
      String(redis.port),
      "user:jane",
      "<p>Grüße</p>",
    ];
    const { stdout } = await run("python3", python);
    await jane.until(() => jane.messages.length === 2);
    expect(jane.messages.map(({ topics, message }) => [topics, message.html, message.target])).toEqual([
      [["user:jane"], "<p id=hello>Hello</p>", "#news::after"],
      [["user:jane"], "<p>Grüße</p>", "#news::after"],
    ]);
    expect(jane.messages[1]?.cursor).toBe(stdout.trim());
  });

  it("over HTTP from Python", async () => {
    const site = await TestSite.start();
    const jane = await site.connect("jane");
    const words = [`${site.origin}/push`, PUBLISH_SECRET, "user:jane group:none", "<p>Grüße</p>"];
    const { stdout } = await run("python3", [`${EXAMPLES}publish_http.py`, ...words]);
    await jane.until(() => jane.messages.length === 1);
    expect(jane.messages[0]).toMatchObject({ cursor: stdout.trim(), message: { html: "<p>Grüße</p>" } });
  });
});
