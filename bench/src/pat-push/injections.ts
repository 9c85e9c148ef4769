/**
 * `npm run pat-push:injections -w bench [-- ROUNDS]`: rows of 110 B per second in Chromium, from the first that is
 * taken off the wire to the last in the list. pat-push beside Patternslib's own bundle, and its peers, in turns.
 */
import type { Page } from "playwright-core";
import { median } from "../docconv/median.ts";
import { roundsFromArguments, withBrowser, type BenchRun } from "./bench-run.ts";
import { openPage } from "./chromium.ts";
import { ENGINES, type Engine, type EngineName } from "./engines.ts";
import { printFigures, type Figure } from "./figures.ts";
import { rows } from "./rows.ts";
import type { BenchSite } from "./site.ts";

const ROWS = 1000;
/** Injected before what is counted: code is compiled and parts are loaded. */
const WARM_UP = 300;

export async function benchInjections(run: BenchRun, rounds: number): Promise<void> {
  const rates = await measure(run, rounds);
  const rate = (name: EngineName): number => median(rates.get(name) ?? []);
  const ours = rate("pat-push");
  const beside = (name: EngineName, times?: number): Figure => ({
    what: "sanitising, beside",
    measured: ours,
    unit: "/s",
    peer: [name, rate(name)],
    ...(times !== undefined && { target: { atLeast: times, ratio: true } }),
  });
  const figures: Figure[] = [
    {
      what: "not sanitising",
      measured: rate("pat-push, not sanitising"),
      unit: "/s",
      target: { atLeast: 9000 },
    },
    { what: "sanitising", measured: ours, unit: "/s", target: { atLeast: 5000 } },
    { what: "sanitising with DOMPurify", measured: rate("pat-push, with DOMPurify"), unit: "/s" },
    beside("Turbo Streams", 2),
    beside("core pat-push", 20),
    beside("htmx with ws"),
    beside("template + append"),
  ];
  printFigures(`Injections of a row of 110 B, ${ROWS} rows, medians of ${rounds} rounds`, figures);
}

async function measure(run: BenchRun, rounds: number): Promise<Map<EngineName, number[]>> {
  const rates = new Map<EngineName, number[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, engine] of Object.entries(ENGINES) as [EngineName, Engine][]) {
      const rate = (ROWS / (await timeInjections(run, engine, ROWS))) * 1000;
      rates.set(name, [...(rates.get(name) ?? []), rate]);
      process.stderr.write(`round ${round}: ${name}, ${Math.round(rate)}/s\n`);
    }
  }
  return rates;
}

/** In a new page; milliseconds. */
export async function timeInjections(
  { browser, site }: BenchRun,
  engine: Engine,
  count: number,
): Promise<number> {
  const html = `<!doctype html><title>Rows</title>${engine.head}${engine.body}`;
  site.pages.set("/page", html.replace("HOST", new URL(site.url).host));
  const page = await openPage(browser, site, "/page", engine.prepare);
  try {
    await engine.ready(page);
    await fill(site, page, engine, WARM_UP);
    await page.evaluate(() => document.querySelector("#list")?.replaceChildren());
    return await fill(site, page, engine, count);
  } finally {
    await page.context().close();
  }
}

async function fill(site: BenchSite, page: Page, engine: Engine, count: number): Promise<number> {
  await page.evaluate((rowsToCome) => {
    window.bench.hold(rowsToCome);
    window.bench.watch(rowsToCome - 1);
  }, count);
  await engine.send(site, page, rows(count));
  return await page.evaluate(() => window.bench.done ?? Number.NaN);
}

if (import.meta.main) await withBrowser((run) => benchInjections(run, roundsFromArguments(7)));
