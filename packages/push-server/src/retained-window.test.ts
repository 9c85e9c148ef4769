import type { Cursor, Topic } from "push-protocol";
import { describe, expect, it } from "vitest";
import { readLogEntry, type LogEntry } from "./log-entry.ts";
import { RetainedWindow, type RetentionOptions } from "./retained-window.ts";

let ms = 0;

/** The next entry of the log; `extra` goes into the message. */
function entry(to: string, extra: object = {}): LogEntry {
  ms += 1;
  return readLogEntry({ cursor: `${ms}-0`, to, message: JSON.stringify({ marker: "m", ...extra }) });
}

function windowOf(options: Partial<RetentionOptions> = {}): RetainedWindow {
  ms = 0;
  return new RetainedWindow(options);
}

function cursorsAfter(window: RetainedWindow, after: Cursor, ...topics: Topic[]): readonly Cursor[] {
  return [...window.after(after, topics, window.end)].map(({ entry: { cursor } }) => cursor);
}

describe("the retained window", () => {
  it("gives what came after a position on some topics, in order, each entry once with the topics it came on", () => {
    const window = windowOf();
    for (const to of ["user:a", "user:b", "user:a group:g", "group:g", "user:c"]) window.add(entry(to));
    const found = [...window.after("1-0", ["user:a", "group:g"], "9-0")];
    expect(found.map(({ entry: { cursor }, topics }) => [cursor, topics])).toEqual([
      ["3-0", ["user:a", "group:g"]],
      ["4-0", ["group:g"]],
    ]);
    expect([...window.after("1-0", ["user:a", "group:g"], "3-0")]).toHaveLength(1);
  });

  it("relays a message with an id that it has had once", () => {
    const window = windowOf();
    expect(window.add(entry("all", { id: "x" }))).toEqual(["all"]);
    expect(window.add(entry("all", { id: "x" }))).toEqual([]);
    expect(window.find("x")).toBe("1-0");
    expect(cursorsAfter(window, "0-0", "all")).toEqual(["1-0"]);
  });

  it("knows the id of a message that a later one of its key replaced: sent again, it must not come back", () => {
    const window = windowOf();
    window.add(entry("all", { id: "seven", key: "unread" }));
    window.add(entry("all", { id: "eight", key: "unread" }));
    expect(window.find("seven")).toBe("1-0");
    expect(window.add(entry("all", { id: "seven", key: "unread" }))).toEqual([]);
    expect(cursorsAfter(window, "0-0", "all")).toEqual(["2-0"]);
  });

  it("keeps the latest version of a key, on each topic for itself", () => {
    const window = windowOf();
    window.add(entry("user:a user:b", { key: "k", version: 1 }));
    expect(window.add(entry("user:a", { key: "k", version: 3 }))).toEqual(["user:a"]);
    expect(window.add(entry("user:a user:b", { key: "k", version: 2 }))).toEqual(["user:b"]);
    expect(cursorsAfter(window, "0-0", "user:a")).toEqual(["2-0"]);
    expect(cursorsAfter(window, "0-0", "user:b")).toEqual(["3-0"]);
    expect(window.isComplete("0-0", ["user:a", "user:b"])).toBe(true);
    expect(window.takeForgotten()?.cursors).toEqual(["1-0"]);
  });

  it("lets a later one of the same version, or of none, supersede", () => {
    const window = windowOf();
    window.add(entry("all", { key: "k", version: 1 }));
    window.add(entry("all", { key: "k", version: 1 }));
    window.add(entry("all", { key: "k" }));
    expect(cursorsAfter(window, "0-0", "all")).toEqual(["3-0"]);
    expect(window.size).toMatchObject({ entries: 1, topics: 1 });
  });

  it("forgets by age, and knows of each topic whether anything is missing", () => {
    const window = windowOf({ maxAgeMs: 10 });
    window.add(entry("user:a"));
    window.add(entry("user:b"));
    window.add(entry("user:a"));
    window.expire(12);
    expect(cursorsAfter(window, "0-0", "user:a", "user:b")).toEqual(["2-0", "3-0"]);
    expect(window.isComplete("0-0", ["user:b"])).toBe(true);
    expect(window.isComplete("0-0", ["user:a"])).toBe(false);
    expect(window.isComplete("1-0", ["user:a", "user:b"])).toBe(true);
    window.expire(1000);
    expect(window.isComplete("3-0", ["user:a", "user:b", "user:c"])).toBe(true);
    expect(window.size).toEqual({ entries: 0, bytes: 0, topics: 0 });
    expect(window.takeForgotten()).toEqual({
      cursors: ["1-0", "2-0", "3-0"],
      lost: new Map([
        ["user:b", "2-0"],
        ["user:a", "3-0"],
      ]),
      floor: "0-0",
    });
    expect(window.takeForgotten()).toBeUndefined();
  });

  it("lets a topic that floods forget its own messages and no other's", () => {
    const window = windowOf({ maxEntries: 100, maxTopicShare: 0.2 });
    window.add(entry("user:quiet"));
    for (let i = 0; i < 1000; i += 1) window.add(entry("user:flood"));
    expect(cursorsAfter(window, "0-0", "user:quiet")).toEqual(["1-0"]);
    expect(cursorsAfter(window, "0-0", "user:flood")).toHaveLength(99);
    expect(window.isComplete("0-0", ["user:quiet"])).toBe(true);
    expect(window.isComplete("0-0", ["user:quiet", "user:flood"])).toBe(false);
    for (let i = 0; i < 1000; i += 1) window.add(entry("user:other-flood user:flood"));
    expect(cursorsAfter(window, "0-0", "user:quiet")).toEqual(["1-0"]);
    expect(window.size.entries).toBe(100);
  });

  it("stays within its bytes, oldest first, whatever the topics", () => {
    const window = windowOf({ maxBytes: 20_000 });
    for (let i = 0; i < 1000; i += 1) window.add(entry(`user:${i}`, { marker: "x".repeat(500) }));
    expect(window.size.bytes).toBeLessThanOrEqual(20_000);
    expect(window.size.bytes).toBeGreaterThan(18_000);
    expect(cursorsAfter(window, "0-0", "user:999")).toEqual(["1000-0"]);
    expect(window.isComplete("0-0", ["user:0"])).toBe(false);
  });

  it("counts the recipients of a message among its bytes, however many they are", () => {
    const window = windowOf({ maxBytes: 2_000_000 });
    for (let i = 0; i < 20; i += 1) {
      const to = Array.from({ length: 1000 }, (_, index) => `user:${i}-${index}`).join(" ");
      window.add(entry(to));
    }
    expect(window.size.topics).toBeGreaterThan(1000);
    expect(window.size.topics).toBeLessThan(5000);
    expect(window.size.bytes).toBeLessThanOrEqual(2_000_000);
    window.expire(1_000_000_000);
    expect(window.size).toEqual({ entries: 0, bytes: 0, topics: 0 });
  });

  it("lets the log keep records that are no messages as long as messages of their age", () => {
    const window = windowOf({ maxAgeMs: 10 });
    window.skip("1-0");
    window.skip("8-0");
    window.expire(5);
    expect(window.takeForgotten()).toBeUndefined();
    window.expire(15);
    expect(window.takeForgotten()?.cursors).toEqual(["1-0"]);
    expect(window.end).toBe("8-0");
  });

  it("keeps the newest message, however small the budget", () => {
    const window = windowOf({ maxBytes: 1 });
    window.add(entry("all"));
    window.add(entry("all"));
    expect(cursorsAfter(window, "0-0", "all")).toEqual(["2-0"]);
  });

  it("takes a gap of the log for a gap of everybody's, or of one topic", () => {
    const window = windowOf();
    window.gap("5-0");
    expect(window.end).toBe("5-0");
    expect(window.isComplete("4-9", [])).toBe(false);
    expect(window.isComplete("5-0", ["user:a"])).toBe(true);
    window.gap("7-0", "user:a");
    expect(window.isComplete("6-0", ["user:a"])).toBe(false);
    expect(window.isComplete("6-0", ["user:b"])).toBe(true);
  });

  it("gives the same answers as a plain list would, over thousands of random messages", () => {
    const window = windowOf({ maxEntries: 500, maxTopicShare: 1 });
    const all: LogEntry[] = [];
    const random = pseudoRandom(7);
    for (let i = 0; i < 5000; i += 1) {
      const to = [...new Set([`user:${random(20)}`, `user:${random(20)}`])].join(" ");
      const added = entry(to);
      all.push(added);
      window.add(added);
      if (i % 50 !== 0) continue;
      const topic: Topic = `user:${random(20)}`;
      const after: Cursor = `${Math.max(0, i - random(600))}-0`;
      const expected = all
        .slice(-500)
        .filter(
          ({ cursor, to: topics }) =>
            Number.parseInt(cursor) > Number.parseInt(after) && topics.includes(topic),
        );
      expect(cursorsAfter(window, after, topic)).toEqual(expected.map(({ cursor }) => cursor));
    }
  });
});

/** Integers below a bound, the same in every run. */
function pseudoRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
}
