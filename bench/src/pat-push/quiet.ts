/** Other programs on the machine spoil figures: each round waits until they do little. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Looked at for so long, in milliseconds. */
const LOOK_MS = 400;
/** Quiet: of the machine's time, at least this much is idle. */
const IDLE = 0.8;
/** Waited for at most, in milliseconds; then the round is measured all the same. */
const PATIENCE_MS = 3000;

/** Whether it became quiet. */
export async function untilQuiet(): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const before = await cpuTimes();
    await sleep(LOOK_MS);
    const after = await cpuTimes();
    if ((after.idle - before.idle) / (after.total - before.total) >= IDLE) return true;
  }
  return false;
}

/** proc(5), /proc/stat: user nice system idle iowait irq softirq steal */
async function cpuTimes(): Promise<{ readonly idle: number; readonly total: number }> {
  const [line = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { idle: (times[3] ?? 0) + (times[4] ?? 0), total: times.reduce((sum, time) => sum + time, 0) };
}
