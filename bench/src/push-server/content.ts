/** What the benchmarks send: filler, with the load's marks at its end. */

/** About `bytes` characters; the marks are a message number, if given, and CLOCK_MONOTONIC. */
export function content(bytes: number, number?: number): string {
  const mark = number === undefined ? "" : `@S${String(number).padStart(8, "0")}`;
  const stamp = `${mark}@T${String(process.hrtime.bigint()).padStart(19, "0")};`;
  return "x".repeat(Math.max(0, bytes - stamp.length)) + stamp;
}
