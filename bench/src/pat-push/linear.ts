/** `npm run pat-push:linear -w bench [-- ROUNDS]`: the time for a row must not grow with the rows that are there. */
import { median } from "../docconv/median.ts";
import { roundsFromArguments, withBrowser, type BenchRun } from "./bench-run.ts";
import { ENGINES } from "./engines.ts";
import { printFigures, type Figure } from "./figures.ts";
import { timeInjections } from "./injections.ts";

const COUNTS = [1000, 2000, 4000, 8000] as const;
/** Twice the rows, at most so many times the time; four times would be the square. */
const MOST = 2.4;

export async function benchLinear(run: BenchRun, rounds: number): Promise<void> {
  const times = new Map<number, number[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const count of COUNTS) {
      const ms = await timeInjections(run, ENGINES["pat-push"], count);
      times.set(count, [...(times.get(count) ?? []), ms]);
    }
  }
  const ms = (count: number): number => median(times.get(count) ?? []);
  const figures: Figure[] = [];
  for (const [index, count] of COUNTS.entries()) {
    const figure = { what: `${count} rows`, measured: ms(count), unit: "ms" };
    const before = COUNTS[index - 1];
    if (before === undefined) figures.push(figure);
    else
      figures.push({
        ...figure,
        peer: [`for ${before}`, ms(before)],
        target: { atMost: MOST, ratio: true },
      });
  }
  printFigures(`From nothing to so many rows, medians of ${rounds} rounds`, figures);
}

if (import.meta.main) await withBrowser((run) => benchLinear(run, roundsFromArguments(5)));
