import { expect, it } from "vitest";
import { formatFigure } from "./format-figure.ts";

it.each([
  ["memory bytes", 1_614_672, "memory", "1.5 MiB"],
  ["most bytes", 67_108_864, "most", "64.0 MiB"],
  ["memory bytes", 0, "memory", "0 bytes"],
  ["round trip ms", 5.1, "round trip", "5.1 ms"],
  ["upload to preview ms", 12_345, "upload to preview", "12,345 ms"],
  ["reaches back s", 90, "reaches back", "90 s"],
  ["reaches back s", 600, "reaches back", "10 min"],
  ["reaches back s", 9000, "reaches back", "2.5 h"],
  ["topics", 50_000, "topics", "50,000"],
  ["version", "7.0.15", "version", "7.0.15"],
] as const)("%s %s reads %s %s", (name, value, label, text) => {
  expect(formatFigure(name, value)).toEqual([label, text]);
});
