import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readLogEntry } from "./log-entry.ts";
import { ReplayFrames } from "./replay-frames.ts";

const entry = readLogEntry({ cursor: "1-0", to: "all", message: '{"marker":"x"}' });

describe("frames of replays", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "setTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("are encoded once for all who come back together", () => {
    const frames = new ReplayFrames();
    expect(frames.of(entry, ["all"])).toBe(frames.of(entry, ["all"]));
  });

  it("are let go of when nobody asks for them any more", () => {
    const frames = new ReplayFrames();
    const first = frames.of(entry, ["all"]);
    vi.advanceTimersByTime(40_000);
    expect(frames.of(entry, ["all"])).toBe(first); // asked for again: kept for longer
    vi.advanceTimersByTime(40_000);
    frames.sweep();
    expect(frames.of(entry, ["all"])).toBe(first);
    vi.advanceTimersByTime(61_000);
    frames.sweep();
    expect(frames.of(entry, ["all"])).not.toBe(first);
  });
});
