/** `npm run pat-push -w bench [-- ROUNDS]`: all benchmarks of pat-push, one after the other, in one browser. */
import { roundsFromArguments, withBrowser } from "./bench-run.ts";
import { benchInjections } from "./injections.ts";
import { benchLinear } from "./linear.ts";
import { benchMorph } from "./morph.ts";
import { benchSizes } from "./sizes.ts";
import { benchTabs } from "./tabs.ts";

const rounds = roundsFromArguments(7);
await benchSizes();
await withBrowser(async (run) => {
  await benchTabs(run);
  await benchMorph(run, rounds);
  await benchInjections(run, rounds);
  await benchLinear(run, rounds);
});
