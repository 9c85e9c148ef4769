/** What the benchmarks send: filler, with the load generator's time stamp at its end. */

/** About `bytes` characters; the stamp is `@T<19 digits of CLOCK_MONOTONIC nanoseconds>;`. */
export function content(bytes: number): string {
  const stamp = `@T${String(process.hrtime.bigint()).padStart(19, "0")};`;
  return "x".repeat(Math.max(0, bytes - stamp.length)) + stamp;
}
