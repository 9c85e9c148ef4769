/** What the benchmarks of pat-push print: each figure beside its target and, where there is one, its peer. */

export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** The other side, in the same unit. */
  readonly peer?: readonly [name: string, value: number];
  /** What `measured`, or its ratio to the peer where `ratio` is set, must reach at least or at most. */
  readonly target?: { readonly atLeast?: number; readonly atMost?: number; readonly ratio?: boolean };
}

export function printFigures(title: string, figures: readonly Figure[]): void {
  console.log(`\n${title}\n`);
  console.log(line("", "measured", "peer", "ratio", "target", ""));
  for (const figure of figures) {
    const { what, measured, unit, peer, target } = figure;
    const ratio = peer && measured / peer[1];
    console.log(
      line(
        what,
        `${short(measured)} ${unit}`,
        peer ? `${short(peer[1])} ${peer[0]}` : "",
        ratio === undefined ? "" : `${ratio.toFixed(2)} x`,
        target ? `${target.atMost === undefined ? ">=" : "<="} ${limitOf(figure)}` : "",
        target ? (isMet(figure) ? "OK" : "missed") : "",
      ),
    );
  }
}

function isMet({ measured, peer, target = {} }: Figure): boolean {
  const value = target.ratio && peer ? measured / peer[1] : measured;
  return value >= (target.atLeast ?? Number.NEGATIVE_INFINITY) && value <= (target.atMost ?? Infinity);
}

function limitOf({ unit, target = {} }: Figure): string {
  return `${short(target.atLeast ?? target.atMost ?? Number.NaN)} ${target.ratio ? "x" : unit}`;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 100 ? 1 : 0);
}

function line(what: string, ...cells: readonly [string, string, string, string, string]): string {
  const [measured, peer, ratio, target, verdict] = cells;
  return [
    what.padEnd(50),
    measured.padStart(12),
    peer.padStart(32),
    ratio.padStart(10),
    target.padStart(14),
    `  ${verdict}`,
  ].join("");
}
