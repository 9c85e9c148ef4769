import type { Cursor } from "push-protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { backoffMs } from "./backoff.ts";
import { retryAfterMs } from "./gate.ts";
import { Outgoing } from "./outgoing.ts";
import { SeenCursors } from "./seen-cursors.ts";
import { ServerClock } from "./server-clock.ts";
import { Subscriptions } from "./subscriptions.ts";

describe("the backoff", () => {
  it("tries again at once, then after anything up to a bound that doubles, 30 s at most", () => {
    const worst = [0, 1, 2, 3, 6, 7, 50].map((attempt) => backoffMs(attempt, () => 1));
    expect(worst).toEqual([0, 500, 1000, 2000, 16_000, 30_000, 30_000]);
    expect(backoffMs(5, () => 0)).toBe(0);
  });
});

describe("Retry-After", () => {
  it.each([
    ["3", 3000],
    ["0", 0],
    [null, 5000],
    ["soon", 5000],
    ["Thu, 01 Jan 1970 00:00:10 GMT", 9000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ])("%s is %i ms", (value, ms) => {
    expect(retryAfterMs(value, 1000)).toBe(ms);
  });
});

describe("seen cursors", () => {
  it("lets each pass once, whatever the order", () => {
    const seen = new SeenCursors();
    expect((["5-0", "4-0", "5-0", "5-1", "4-0"] as Cursor[]).map((cursor) => seen.add(cursor))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it("takes for seen what is no newer than what it forgot", () => {
    const seen = new SeenCursors(2);
    for (const cursor of ["1-0", "2-0", "3-0"] as Cursor[]) seen.add(cursor);
    expect(seen.add("1-0")).toBe(false);
    expect(seen.add("0-5")).toBe(false);
    expect(seen.add("2-0")).toBe(false);
    expect(seen.add("2-1")).toBe(true);
  });
});

describe("the server's clock", () => {
  it("is known from the best of what came from the server", () => {
    const clock = new ServerClock();
    clock.observe(10_000, 11_000); // a second late, or a clock that is behind
    clock.observe(20_500, 20_000);
    clock.observe(30_100, 30_000);
    expect(clock.justBefore(100_000)).toBe("95500-0");
  });
});

describe("subscriptions", () => {
  it("go with the hello, which asks for what came since the cursor", () => {
    const subscriptions = new Subscriptions();
    subscriptions.add("object:/a", "10-0");
    expect(subscriptions.hello("10-0")).toEqual([{ type: "hello", cursor: "10-0", topics: ["object:/a"] }]);
  });

  it("ask on their own for what a hello with a later cursor would skip, until it is here", () => {
    const subscriptions = new Subscriptions();
    subscriptions.add("object:/a", "10-0");
    subscriptions.hello("10-0");
    expect(subscriptions.hello("20-0")).toEqual([
      { type: "hello", cursor: "20-0" },
      { type: "subscribe", topic: "object:/a", cursor: "10-0" },
    ]);
    subscriptions.confirm("object:/a");
    expect(subscriptions.hello("30-0")).toEqual([{ type: "hello", cursor: "30-0", topics: ["object:/a"] }]);
    // That hello was never answered for the topic, either.
    expect(subscriptions.hello("40-0")[1]).toEqual({ type: "subscribe", topic: "object:/a", cursor: "30-0" });
  });

  it("asks apart for more than a hello takes", () => {
    const subscriptions = new Subscriptions();
    for (let index = 0; index < 102; index += 1) subscriptions.add(`object:/${index}`);
    const [hello, ...apart] = subscriptions.hello("5-0");
    expect(hello.topics).toHaveLength(100);
    expect(apart).toHaveLength(2);
  });

  it("asks once for each topic", () => {
    const subscriptions = new Subscriptions();
    expect(subscriptions.add("object:/a")).toBeDefined();
    expect(subscriptions.add("object:/a")).toBeUndefined();
    expect(subscriptions.remove("object:/a")).toBe(true);
    expect(subscriptions.remove("object:/a")).toBe(false);
  });
});

describe("frames on their way out", () => {
  afterEach(() => vi.useRealTimers());

  it("leave no faster than the server takes them, in their order, and not after the connection", () => {
    vi.useFakeTimers();
    const sent: string[] = [];
    const outgoing = new Outgoing((text) => sent.push(text));
    const frames = Array.from({ length: 60 }, (_, index) => ({
      type: "unsubscribe" as const,
      topic: `object:/${index}` as const,
    }));
    outgoing.send(...frames);
    expect(sent).toHaveLength(25);
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(50);
    outgoing.clear();
    vi.advanceTimersByTime(5000);
    expect(sent).toHaveLength(50);
    expect(vi.getTimerCount()).toBe(0);
    outgoing.send(frames[0] ?? { type: "hello" });
    expect(sent).toHaveLength(51);
    vi.advanceTimersByTime(5000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
