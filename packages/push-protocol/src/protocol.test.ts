import { describe, expect, it } from "vitest";
import {
  CLOSE,
  closeAction,
  compareCursors,
  cursorAt,
  encodeCloseReason,
  encodeMessageFrame,
  MAX_MESSAGE_BYTES,
  objectTopic,
  parseClientFrame,
  parseCursor,
  parseMessage,
  parseServerFrame,
  parseTopics,
  topicObject,
  userTopic,
} from "./index.ts";

describe("topics", () => {
  it("percent-encodes what would separate topics, and gives the object back as it was", () => {
    expect(userTopic("jane doe")).toBe("user:jane%20doe");
    const path = "/a folder/100%\u00a0é.pdf";
    expect(topicObject(objectTopic(path))).toBe(path);
    expect(topicObject(userTopic("jane"))).toBeUndefined();
  });

  it("takes one topic or a list, without duplicates", () => {
    expect(parseTopics("all")).toEqual(["all"]);
    expect(parseTopics(["user:a", "group:b", "user:a"])).toEqual(["user:a", "group:b"]);
  });

  it.each([
    ["nobody"],
    ["user:"],
    ["user:a b"],
    ["user:a\nb"],
    [["user:a", 3]],
    [[]],
    [undefined],
    ["x".repeat(2000)],
  ])("refuses %j and says what to write", (to) => {
    expect(() => parseTopics(to)).toThrow(/is no topic: write user:<id>/);
  });
});

describe("cursors", () => {
  it("orders by time, then by sequence, as numbers", () => {
    const cursors = ["10-2", "9-10", "10-10", "100-0"].map(parseCursor);
    expect(cursors.toSorted(compareCursors)).toEqual(["9-10", "10-2", "10-10", "100-0"]);
    // As many characters, and as many digits on each side, or not.
    expect(compareCursors("10-11", "10-12")).toBeLessThan(0);
    expect(compareCursors("21-10", "12-99")).toBeGreaterThan(0);
    expect(compareCursors("10-10", "1-100")).toBeGreaterThan(0);
    expect(compareCursors("9-100", "10-10")).toBeLessThan(0);
    expect(compareCursors("10-10", "10-10")).toBe(0);
  });

  it("takes the bare milliseconds of a page's meta element", () => {
    expect(parseCursor("1700000000000")).toBe(cursorAt(1_700_000_000_000));
  });

  it.each([[""], ["x"], ["1-"], ["-1"], [12], ["1-2-3"]])("refuses %j", (value) => {
    expect(() => parseCursor(value)).toThrow(/is no cursor/);
  });
});

describe("messages", () => {
  it("takes the recipients off, and leaves the publisher's own fields on", () => {
    expect(parseMessage({ to: "user:jane", html: "<p>", mine: { a: 1 } })).toEqual({
      to: ["user:jane"],
      body: { html: "<p>", mine: { a: 1 } },
    });
  });

  it.each([
    [{ to: "user:jane" }, /exactly one of/],
    [{ to: "user:jane", html: "a", url: "/b" }, /exactly one of/],
    [{ to: "user:jane", html: 3 }, /`html` must be a string/],
    [{ to: "user:jane", html: "a", version: 1.5 }, /`version` must be an integer/],
    [{ to: "user:jane", html: "é".repeat(MAX_MESSAGE_BYTES / 2) }, /send a `url`/],
    [[], /JSON object/],
    [{ html: "a" }, /is no topic/],
  ])("refuses %j", (value, text) => {
    expect(() => parseMessage(value)).toThrow(text);
  });

  it("refuses what JSON can say and nobody can write again", () => {
    const deep = `{"to":"all","marker":"x","deep":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    expect(() => parseMessage(JSON.parse(deep))).toThrow(/nested too deeply/);
  });
});

describe("frames", () => {
  it("reads what a client sends and ignores fields that it does not know", () => {
    expect(parseClientFrame('{"type":"hello","cursor":"5","topics":["object:/a"],"x":1}')).toEqual({
      type: "hello",
      cursor: "5-0",
      topics: ["object:/a"],
    });
    expect(parseClientFrame('{"type":"hello"}')).toEqual({ type: "hello" });
  });

  it.each([
    ["nonsense"],
    ["[]"],
    ['{"type":"welcome"}'],
    ['{"type":"subscribe"}'],
    ['{"type":"hello","cursor":"x"}'],
  ])("refuses %s from a client", (text) => {
    expect(() => parseClientFrame(text)).toThrow();
  });

  it("wraps a body without encoding it again", () => {
    expect(parseServerFrame(encodeMessageFrame("5-1", ["all"], '{"html":"<p>"}'))).toEqual({
      type: "message",
      cursor: "5-1",
      topics: ["all"],
      message: { html: "<p>" },
    });
    expect(parseServerFrame('{"type":"news"}')).toBeUndefined();
  });
});

describe("close codes", () => {
  it("carries the delay in the reason", () => {
    expect(closeAction(CLOSE.goingAway.code, encodeCloseReason(CLOSE.goingAway, 1200))).toEqual({
      action: "wait",
      delayMs: 1200,
    });
    expect(closeAction(CLOSE.tooSlow.code, "too-slow")).toEqual({ action: "reconnect", delayMs: 0 });
    expect(closeAction(1006, "")).toEqual({ action: "reconnect", delayMs: 0 });
  });
});
