/**
 * Every figure of the push server, one table. A group that fails is a row of it; the others still run.
 * `node all.ts [group ...]`, where a group is the name of a file beside this one.
 */
import { leaveServerCore } from "./cores.ts";
import { drain } from "./drain.ts";
import { fanOut } from "./fan-out.ts";
import type { Figure } from "./figure.ts";
import { flood } from "./flood.ts";
import { idle } from "./idle.ts";
import { jitter } from "./jitter.ts";
import { redisToBrowser } from "./redis-to-browser.ts";
import { soak } from "./soak.ts";
import { stalled } from "./stalled.ts";

const GROUPS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  idle,
  "fan-out": fanOut,
  "redis-to-browser": redisToBrowser,
  flood,
  stalled,
  jitter,
  drain,
  soak,
};

leaveServerCore();
const asked = process.argv.slice(2);
const figures: Figure[] = [];
for (const [name, group] of Object.entries(GROUPS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.error(`${name} ...`);
  try {
    figures.push(...(await group()));
  } catch (error) {
    const measured = error instanceof Error ? error.message : String(error);
    figures.push({ figure: name, measured, peer: "", ratio: "", target: "", verdict: "missed" });
  }
}
console.table(figures);
process.exit(figures.some(({ verdict }) => verdict === "missed") ? 1 : 0);
