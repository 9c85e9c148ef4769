/** One run of a benchmark: a site, a browser, and both ended whatever happens. */
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { BenchSite } from "./site.ts";

export interface BenchRun {
  readonly site: BenchSite;
  readonly browser: Browser;
}

export async function withBrowser(work: (run: BenchRun) => Promise<void>): Promise<void> {
  await using owned = new AsyncDisposableStack();
  const site = await BenchSite.start();
  owned.defer(() => site.close());
  const browser = await launchChromium();
  owned.defer(() => browser.close());
  await work({ site, browser });
}

/** `node FILE [ROUNDS]` */
export function roundsFromArguments(usual: number): number {
  const rounds = Number(process.argv[2] ?? usual);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error("Give the number of rounds, 5 or more for a median.");
  return rounds;
}
