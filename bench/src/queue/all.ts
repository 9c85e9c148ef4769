/** Every figure of the queue, one table. `node all.ts [group ...]`, where a group is the name of a file beside this one. */
import type { Figure } from "../push-server/figure.ts";
import { callbacks } from "./callbacks.ts";
import { kills } from "./kills.ts";
import { redisAway } from "./redis-away.ts";
import { redisKilled } from "./redis-killed.ts";

const GROUPS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  callbacks,
  kills,
  "redis-killed": redisKilled,
  "redis-away": redisAway,
};

const asked = process.argv.slice(2);
const figures: Figure[] = [];
for (const [name, group] of Object.entries(GROUPS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.error(`${name} ...`);
  figures.push(...(await group()));
}
console.table(figures);
process.exit(figures.some(({ verdict }) => verdict === "missed") ? 1 : 0);
