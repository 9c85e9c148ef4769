import { compareCursors, cursorTime, type Cursor } from "push-protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import type { MessageLog } from "../log.ts";
import { RecordingFollower } from "../testing/recording-follower.ts";
import { TestNetwork } from "../testing/test-network.ts";
import { TestRedis } from "../testing/test-redis.ts";
import { MemoryLog } from "./memory.ts";
import { RedisStreamLog, type RedisStreamLogOptions } from "./redis-stream.ts";

async function startRedis(): Promise<TestRedis> {
  const redis = await TestRedis.start();
  onTestFinished(() => redis.close());
  return redis;
}

function redisLog(redis: TestRedis, options: Partial<RedisStreamLogOptions> = {}): RedisStreamLog {
  const log = new RedisStreamLog({ url: redis.url, ...options });
  onTestFinished(() => log.close());
  return log;
}

const DRIVERS: readonly (readonly [string, () => Promise<MessageLog>])[] = [
  ["in memory", () => Promise.resolve(new MemoryLog())],
  ["on Redis", async () => redisLog(await startRedis())],
];

describe.each(DRIVERS)("the message log %s", (_name, create) => {
  it("hands over what was there, then what comes, in the order of the cursors that append returned", async () => {
    const log = await create();
    const follower = new RecordingFollower();
    const before = await log.append({ to: "user:jane", message: "before" });
    await log.follow(follower);
    expect(follower.messages).toEqual(["before"]);
    const after = await Promise.all(
      ["1", "2", "3"].map((message) => log.append({ to: "user:jane all", message })),
    );
    await follower.until(() => follower.all.length === 4);
    expect(follower.all.map(({ cursor }) => cursor)).toEqual([before, ...after]);
    expect(follower.messages).toEqual(["before", "1", "2", "3"]);
    expect(follower.all.at(-1)?.to).toBe("user:jane all");
    expect([before, ...after].toSorted(compareCursors)).toEqual([before, ...after]);
    await log.close();
  });

  it("says before anything else up to where messages may be missing", async () => {
    const log = await create();
    const follower = new RecordingFollower();
    await log.follow(follower);
    const cursor = await log.append({ to: "all", message: "first" });
    await follower.until(() => follower.all.length === 1);
    expect(follower.gaps).toHaveLength(1);
    const [gap] = follower.gaps;
    expect(gap?.topic).toBeUndefined();
    expect(compareCursors(gap?.upTo ?? "0-0", cursor)).toBeLessThan(0);
    await log.close();
  });

  it("carries controls like messages", async () => {
    const log = await create();
    const follower = new RecordingFollower();
    await log.follow(follower);
    await log.append({ to: "user:jane", control: "close-connections" });
    await follower.until(() => follower.all.length === 1);
    expect(follower.all[0]).toMatchObject({ to: "user:jane", control: "close-connections" });
    await log.close();
  });

  it("hands nothing over once it is closed", async () => {
    const log = await create();
    const follower = new RecordingFollower();
    await log.follow(follower);
    const appended = log.append({ to: "all", message: "too late" }).catch(() => undefined);
    await log.close();
    await appended;
    const handedOver = follower.all.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(follower.all).toHaveLength(handedOver);
  });
});

describe("the message log on Redis", () => {
  it("reads what anybody wrote with XADD, in whatever order of fields, and leaves odd records to be judged", async () => {
    const redis = await startRedis();
    const log = redisLog(redis);
    const follower = new RecordingFollower();
    await log.follow(follower);
    const cli = redis.client();
    await cli.xadd("push:log", "*", "message", '{"marker":"1"}', "extra", "x", "to", "all");
    await cli.xadd("push:log", "*", "unexpected", "1");
    await follower.until(() => follower.all.length === 2);
    expect(follower.all.map(({ to, message }) => ({ to, message }))).toEqual([
      { to: "all", message: '{"marker":"1"}' },
      { to: "", message: undefined },
    ]);
  });

  it("loses nothing when Redis restarts, dies, or falls silent, and appends wait that long", async () => {
    const redis = await startRedis();
    const log = redisLog(redis);
    const follower = new RecordingFollower();
    await log.follow(follower);
    await log.append({ to: "all", message: "1" });
    await redis.stop("SIGTERM");
    const second = log.append({ to: "all", message: "2" });
    await redis.start();
    await second;
    await redis.stop("SIGKILL");
    await redis.start();
    await log.append({ to: "all", message: "3" });
    redis.pause(true);
    const fourth = log.append({ to: "all", message: "4" });
    setTimeout(() => redis.pause(false), 300);
    await fourth;
    await follower.until(() => follower.all.length === 4);
    expect(follower.messages).toEqual(["1", "2", "3", "4"]);
    expect(follower.gaps).toHaveLength(1);
  });

  it("refuses to append, and says why, when Redis stays away", async () => {
    const redis = await startRedis();
    const log = redisLog(redis, { publishTimeoutMs: 200 });
    await log.follow(new RecordingFollower());
    await redis.stop();
    await expect(log.append({ to: "all", message: "lost" })).rejects.toMatchObject({
      code: "log-unavailable",
      retryable: true,
    });
    expect(log.state()).toMatchObject({
      ok: false,
      detail: expect.stringContaining("Redis does not answer"),
    });
  });

  it("notices that Redis came back without the log", async () => {
    const redis = await startRedis();
    const log = redisLog(redis);
    const follower = new RecordingFollower();
    await log.follow(follower);
    await log.append({ to: "all", message: "gone" });
    await redis.stop("SIGKILL");
    await redis.wipe();
    await redis.start();
    await follower.until(() => follower.gaps.length === 2);
    await log.append({ to: "all", message: "new" });
    await follower.until(() => follower.messages.includes("new"));
    const gap = follower.gaps[1];
    expect(gap?.topic).toBeUndefined();
    expect(cursorTime(gap?.upTo ?? "0-0")).toBeGreaterThanOrEqual(
      cursorTime(follower.all[0]?.cursor ?? "0-0"),
    );
  });

  it("lets go of what windows let go of, and tells nodes that start later what is missing, by topic", async () => {
    const redis = await startRedis();
    const log = redisLog(redis, { forgetDelayMs: 0 });
    await log.follow(new RecordingFollower());
    const first = await log.append({ to: "user:jane", message: "1" });
    const second = await log.append({ to: "user:john", message: "2" });
    log.forget({ cursors: [first], lost: new Map([["user:jane", first]]), floor: "0-0" });
    const cli = redis.client();
    while ((await cli.xlen("push:log")) > 1) await new Promise((resolve) => setTimeout(resolve, 10));
    const later = new RecordingFollower();
    await redisLog(redis).follow(later);
    expect(later.all.map(({ cursor }) => cursor)).toEqual([second]);
    expect(later.gaps.slice(1)).toEqual([{ upTo: first, topic: "user:jane" }]);
  });

  it("tells a node that was cut off what the others let go of before it read it", async () => {
    const redis = await startRedis();
    const network = await TestNetwork.to(redis.port);
    const cutOff = new RedisStreamLog({ url: `redis://127.0.0.1:${network.port}` });
    onTestFinished(() => cutOff.close());
    const follower = new RecordingFollower();
    await cutOff.follow(follower);
    network.cut();
    const other = redisLog(redis, { forgetDelayMs: 0 });
    await other.follow(new RecordingFollower());
    const gone = await other.append({ to: "user:jane", message: "gone" });
    await other.append({ to: "user:jane", message: "kept" });
    other.forget({ cursors: [gone], lost: new Map([["user:jane", gone]]), floor: "0-0" });
    const cli = redis.client();
    while ((await cli.xlen("push:log")) > 1) await new Promise((resolve) => setTimeout(resolve, 10));
    network.restore();
    await follower.until(() => follower.all.length === 1);
    expect(follower.messages).toEqual(["kept"]);
    expect(follower.gaps.slice(1)).toEqual([{ upTo: gone, topic: "user:jane" }]);
  });

  it("knows what was trimmed or deleted before it was read, and that nothing is missing if it was read", async () => {
    const redis = await startRedis();
    const network = await TestNetwork.to(redis.port);
    const cutOff = new RedisStreamLog({ url: `redis://127.0.0.1:${network.port}` });
    onTestFinished(() => cutOff.close());
    const [behind, live] = [new RecordingFollower(), new RecordingFollower()];
    const other = redisLog(redis);
    await Promise.all([cutOff.follow(behind), other.follow(live)]);
    const first = await other.append({ to: "all", message: "first" });
    for (const follower of [behind, live]) await follower.until(() => follower.all.length === 1);
    const cli = redis.client();
    // Read already: a cut, and nothing to say.
    await cli.xtrim("push:log", "MAXLEN", 0);
    network.cut();
    await other.append({ to: "all", message: "second" });
    network.restore();
    await behind.until(() => behind.messages.includes("second"));
    expect(behind.gaps).toHaveLength(1);
    // Not read yet.
    network.cut();
    const unread = await other.append({ to: "all", message: "unread" });
    await cli.xtrim("push:log", "MAXLEN", 0);
    const third = await other.append({ to: "all", message: "third" });
    network.restore();
    await behind.until(() => behind.messages.includes("third"));
    expect(behind.messages).toEqual(["first", "second", "third"]);
    expect(behind.gaps).toHaveLength(2);
    expect(compareCursors(behind.gaps[1]?.upTo ?? "0-0", unread)).toBeGreaterThanOrEqual(0);
    expect(compareCursors(behind.gaps[1]?.upTo ?? "0-0", third)).toBeLessThan(0);
    // The key itself, with all that is in it.
    network.cut();
    const deleted = await other.append({ to: "all", message: "deleted" });
    await live.until(() => live.messages.includes("deleted"));
    await cli.del("push:log");
    await other.append({ to: "all", message: "fourth" });
    network.restore();
    await behind.until(() => behind.messages.includes("fourth"));
    expect(behind.gaps).toHaveLength(3);
    expect(compareCursors(behind.gaps[2]?.upTo ?? "0-0", deleted)).toBeGreaterThanOrEqual(0);
    // Who starts now knows of all of it.
    const late = new RecordingFollower();
    await redisLog(redis).follow(late);
    expect(late.messages).toEqual(["fourth"]);
    const floor =
      late.gaps
        .map(({ upTo }) => upTo)
        .toSorted(compareCursors)
        .at(-1) ?? "0-0";
    expect(compareCursors(floor, first)).toBeGreaterThan(0);
    expect(compareCursors(floor, deleted)).toBeGreaterThanOrEqual(0);
    expect(compareCursors(floor, late.all[0]?.cursor ?? "0-0")).toBeLessThan(0);
  });

  it.each(["and stayed there", "and went on since"])(
    "notices that Redis came back with an older state of it, %s",
    async (since) => {
      const redis = await startRedis();
      const log = redisLog(redis);
      const follower = new RecordingFollower();
      await log.follow(follower);
      await log.append({ to: "all", message: "kept" });
      await redis.save();
      const lost = await log.append({ to: "all", message: "lost" });
      await follower.until(() => follower.all.length === 2);
      const network = await TestNetwork.to(redis.port);
      const cutOff = new RedisStreamLog({ url: `redis://127.0.0.1:${network.port}` });
      onTestFinished(() => cutOff.close());
      const behind = new RecordingFollower();
      await cutOff.follow(behind);
      network.cut();
      await redis.restore();
      const later = new Map<string, number>();
      if (since === "and went on since") {
        for (let i = 0; i < 5; i += 1) {
          const id = await redis.client().xadd("push:log", "*", "to", "all", "message", `${i}`);
          later.set(String(id), i);
        }
      }
      network.restore();
      for (const reader of [follower, behind]) {
        await reader.until(() => reader.gaps.length > 1);
        const gap = reader.gaps[1];
        expect(gap?.topic).toBeUndefined();
        expect(compareCursors(gap?.upTo ?? "0-0", lost)).toBeGreaterThan(0);
        await reader.until(() => reader.all.length === 2 + later.size);
        for (const { cursor } of reader.all.slice(2)) {
          expect(compareCursors(gap?.upTo ?? "0-0", cursor)).toBeLessThan(0);
        }
      }
      const late = new RecordingFollower();
      await redisLog(redis).follow(late);
      expect(late.gaps.some(({ upTo }) => compareCursors(upTo, lost) > 0)).toBe(true);
    },
  );

  it("never goes backwards, though the clock of Redis does", async () => {
    const redis = await startRedis();
    const log = redisLog(redis);
    const follower = new RecordingFollower();
    await log.follow(follower);
    const future = `${Date.now() + 3_600_000}-5`;
    const cli = redis.client();
    await cli.xadd("push:log", future, "to", "all", "message", "by a clock that is ahead");
    await follower.until(() => follower.all.length === 1);
    await redis.stop("SIGKILL");
    await redis.wipe();
    await redis.start();
    await follower.until(() => follower.gaps.length === 2);
    const cursor = await log.append({ to: "all", message: "by one that is right" });
    expect(compareCursors(cursor, follower.gaps[1]?.upTo ?? "0-0")).toBeGreaterThan(0);
    await follower.until(() => follower.messages.includes("by one that is right"));
    expect(compareCursors(follower.gaps[1]?.upTo ?? "0-0", follower.all[0]?.cursor ?? "0-0")).toBeGreaterThan(
      0,
    );
  });

  it("goes on after a record whose id somebody chose beyond all positions", async () => {
    const redis = await startRedis();
    const log = redisLog(redis);
    const follower = new RecordingFollower();
    await log.follow(follower);
    const cli = redis.client();
    await cli.xadd("push:log", "5-18446744073709551615", "to", "all", "message", "odd");
    await log.append({ to: "all", message: "even" });
    await follower.until(() => follower.messages.includes("even"));
    expect(follower.messages).toEqual(["even"]);
    expect(log.state().ok).toBe(true);
    const late = new RecordingFollower();
    const other = redisLog(redis);
    await other.follow(late);
    expect(late.messages).toEqual(["even"]);
  });

  it("keeps nothing of what publishers gave up while Redis is away", async () => {
    const redis = await startRedis();
    const log = redisLog(redis, { publishTimeoutMs: 200 });
    const follower = new RecordingFollower();
    await log.follow(follower);
    await redis.stop("SIGKILL");
    while (log.state().ok) await new Promise((resolve) => setTimeout(resolve, 10));
    const given = Array.from({ length: 100 }, (_, index) => log.append({ to: "all", message: `${index}` }));
    const results = await Promise.allSettled(given);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    await redis.start();
    const [last] = await Promise.all([
      appendUntilTaken(log, "last"),
      follower.until(() => follower.all.length > 0),
    ]);
    expect(follower.all).toEqual([expect.objectContaining({ cursor: last, message: "last" })]);
  });

  it("is well again when Redis was slow to take a message, though it went on handing them out", async () => {
    const redis = await startRedis();
    const log = redisLog(redis);
    await log.follow(new RecordingFollower());
    redis.pause(true);
    const slow = log.append({ to: "all", message: "slow" });
    while (log.state().ok) await new Promise((resolve) => setTimeout(resolve, 10));
    redis.pause(false);
    await slow;
    while (!log.state().ok) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it("waits for a failover: a Redis that became a replica takes nothing until it is the primary again", async () => {
    const redis = await startRedis();
    const log = redisLog(redis, { publishTimeoutMs: 20_000 });
    const follower = new RecordingFollower();
    await log.follow(follower);
    const cli = redis.client();
    await cli.replicaof("127.0.0.1", 1);
    const appended = log.append({ to: "all", message: "during the failover" });
    setTimeout(() => void cli.replicaof("NO", "ONE"), 300);
    await appended;
    await follower.until(() => follower.all.length === 1);
    while (!log.state().ok) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it("says what to do where Redis refuses", async () => {
    const redis = await startRedis();
    const cli = redis.client();
    await cli.set("other:log", "text");
    expect(await refusalOf(redisLog(redis, { key: "other:log" }))).toContain(
      "its key other:log is no stream",
    );
    await cli.acl("SETUSER", "weak", "on", ">secret", "~*", "+@connection", "+info");
    const weak = redis.url.replace("//", "//weak:secret@");
    expect(await refusalOf(redisLog(redis, { url: weak }))).toContain("this user may not do that");
    await cli.config("SET", "requirepass", "a password");
    expect(await refusalOf(redisLog(redis))).toContain("it wants a password");
  });

  it("goes on reading after a network that swallowed everything without a word", async () => {
    const redis = await startRedis();
    const network = await TestNetwork.to(redis.port);
    const log = new RedisStreamLog({ url: `redis://127.0.0.1:${network.port}`, blockMs: 200 });
    onTestFinished(() => log.close());
    const follower = new RecordingFollower();
    await log.follow(follower);
    network.silence();
    await redis.client().xadd("push:log", "*", "to", "all", "message", "while silent");
    setTimeout(() => network.restore(), 300);
    await follower.until(() => follower.all.length === 1);
    expect(follower.messages).toEqual(["while silent"]);
  });
});

async function appendUntilTaken(log: MessageLog, message: string): Promise<Cursor> {
  for (;;) {
    const cursor = await log.append({ to: "all", message }).catch(() => undefined);
    if (cursor !== undefined) return cursor;
  }
}

/** What it says is wrong, once Redis has refused what it needs. */
async function refusalOf(log: MessageLog): Promise<string> {
  void log.follow(new RecordingFollower());
  while (!log.state().detail.startsWith("Redis refuses")) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return log.state().detail;
}
