/** What a server under test has used, as the kernel counts it: the same for Node, Python and C. */
import { readdirSync, readFileSync } from "node:fs";

/** CPU time of all threads so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ns = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return ns.reduce((sum, value) => sum + value, 0) / 1e6;
}

/** Resident memory, in KB. */
export function rssKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
