import { describe, expect, it } from "vitest";
import { BitmapStream } from "./bitmap-stream.ts";

function ppm(width: number, height: number, fill: number): Buffer {
  return Buffer.concat([
    Buffer.from(`P6\n${width} ${height}\n255\n`),
    Buffer.alloc(width * height * 3, fill),
  ]);
}

describe("a stream of bitmaps", () => {
  it.each([1, 2, 7, 40, 1000])("gives each as soon as it is whole, in parts of %i bytes", async (size) => {
    const stream = new BitmapStream(3);
    const output = Buffer.concat([ppm(4, 3, 1), ppm(10, 10, 2)]);
    for (let at = 0; at < output.length; at += size) stream.push(output.subarray(at, at + size));
    const [first, second, third] = stream.bitmaps;
    expect(await first).toEqual({ width: 4, height: 3, channels: 3, data: Buffer.alloc(36, 1) });
    expect(await second).toMatchObject({ width: 10, data: Buffer.alloc(300, 2) });
    stream.end(new Error("The program was killed."));
    await expect(third).rejects.toThrow("killed");
    await expect(first).resolves.toBeDefined();
  });

  it("says that a part of one is none", async () => {
    const stream = new BitmapStream(1);
    stream.push(ppm(4, 3, 1).subarray(0, 20));
    stream.end(new Error("It ended."));
    await expect(stream.bitmaps[0]).rejects.toThrow("It ended.");
  });

  it.each([
    ["nonsense", Buffer.from("Syntax Error: something long enough to be no header")],
    ["more than it was told", Buffer.concat([ppm(1, 1, 0), ppm(1, 1, 0)])],
    ["nothing to see", Buffer.from("P6\n0 5\n255\n")],
  ])("refuses %s", (_what, output) => {
    expect(() => new BitmapStream(1).push(output)).toThrow(/pdftoppm wrote/);
  });
});
