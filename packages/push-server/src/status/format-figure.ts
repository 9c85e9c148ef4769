/** Figures of the status page, as people read them. */

const BYTE_UNITS = ["bytes", "KiB", "MiB", "GiB"] as const;
const SECONDS = 120;
const MINUTES = 120;

/** A name without its unit, and the value with it: `["memory", "1.5 MiB"]` for `memory bytes`. */
export function formatFigure(name: string, value: string | number): readonly [name: string, value: string] {
  const [, label = name, unit] = /^(?:(.*) )?(bytes|ms|s)$/.exec(name) ?? [];
  if (typeof value === "string") return [name, value];
  if (unit === "bytes") return [label, formatBytes(value)];
  if (unit === "ms") return [label, `${value.toLocaleString("en")} ms`];
  if (unit === "s") return [label, formatSeconds(value)];
  return [name, value.toLocaleString("en")];
}

function formatBytes(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  for (; amount >= 1024 && unit < BYTE_UNITS.length - 1; unit += 1) amount /= 1024;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

function formatSeconds(seconds: number): string {
  if (seconds < SECONDS) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < MINUTES ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
