/** A figure beside its peer and its target, and the table of them. */

export interface Figure {
  readonly figure: string;
  readonly measured: string;
  /** The other side, in the same run. */
  readonly peer: string;
  readonly ratio: string;
  readonly target: string;
  readonly verdict: "OK" | "missed" | "";
}

export type Target = { readonly atMost: number } | { readonly atLeast: number };

/** A value against its target, and those of the peers for comparison. */
export function valueFigure(
  figure: string,
  value: number,
  unit: string,
  target: Target | undefined,
  peers: Readonly<Record<string, number>> = {},
): Figure {
  return {
    figure,
    measured: say(value, unit),
    peer: Object.entries(peers)
      .map(([name, other]) => `${name} ${say(other, unit)}`)
      .join(", "),
    ratio: "",
    target: target === undefined ? "" : sayTarget(target, unit),
    verdict: target === undefined ? "" : meets(value, target) ? "OK" : "missed",
  };
}

/** The ratio of two costs against its target: `ours / theirs` at most, or `theirs / ours` (times better) at least. */
export function ratioFigure(
  figure: string,
  ours: number,
  [name, theirs]: readonly [string, number],
  unit: string,
  target: Target,
): Figure {
  const ratio = "atMost" in target ? ours / theirs : theirs / ours;
  return {
    figure,
    measured: say(ours, unit),
    peer: `${name} ${say(theirs, unit)}`,
    ratio: "atMost" in target ? `${ratio.toFixed(2)} x` : `${ratio.toFixed(2)} x better`,
    target: sayTarget(target, "x"),
    verdict: meets(ratio, target) ? "OK" : "missed",
  };
}

/** Runs one group by itself, and prints its table. */
export async function printFigures(group: () => Promise<readonly Figure[]>): Promise<void> {
  console.table(await group());
  process.exit(0); // whatever a server under test left open
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function meets(value: number, target: Target): boolean {
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

function sayTarget(target: Target, unit: string): string {
  return "atMost" in target ? `at most ${say(target.atMost, unit)}` : `at least ${say(target.atLeast, unit)}`;
}

function say(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  return `${value.toLocaleString("en", { maximumFractionDigits: digits })} ${unit}`;
}
