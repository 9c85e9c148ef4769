import { describe, expect, it } from "vitest";
import { guessEncoding } from "./text-encoding.ts";

describe("the encoding of a text", () => {
  it.each([
    ["utf-8", Buffer.from("plain")],
    ["utf-8", Buffer.from("Grüße")],
    ["utf-8", Buffer.from("Grüße, cut through: ü").subarray(0, -1)],
    ["windows-1252", Buffer.from("Gr\u00fc\u00dfe", "latin1")],
    ["utf-16le", Buffer.from("\ufeffGrüße", "utf16le")],
    ["utf-16be", Buffer.from("\ufeffGrüße", "utf16le").swap16()],
  ])("is taken for %s", (encoding, bytes) => {
    expect(guessEncoding(bytes)).toBe(encoding);
  });
});
