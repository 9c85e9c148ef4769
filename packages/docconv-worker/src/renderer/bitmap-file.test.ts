import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBitmap } from "./bitmap-file.ts";

describe("a file that poppler wrote", () => {
  let path: string;

  beforeAll(async () => {
    path = join(await mkdtemp(join(tmpdir(), "docconv-bitmap-")), "p-1.ppm");
  });
  afterAll(() => rm(join(path, ".."), { recursive: true }));

  it("is a bitmap", async () => {
    await writeFile(path, Buffer.concat([Buffer.from("P6\n4 3\n255\n"), Buffer.alloc(36, 7)]));
    expect(await readBitmap(path)).toEqual({ width: 4, height: 3, channels: 3, data: Buffer.alloc(36, 7) });
  });

  it.each([
    ["nothing", ""],
    ["nonsense", "Syntax Error: something long enough to be no header"],
    ["a part of one", "P6\n4 3\n255\nabc"],
    ["more than one", `P6\n1 1\n255\n${"a".repeat(20)}`],
    ["nothing to see", "P6\n0 5\n255\n"],
  ])("is refused if it is %s", async (_what, content) => {
    await writeFile(path, content);
    await expect(readBitmap(path)).rejects.toThrow("pdftoppm wrote no bitmap");
  });
});
