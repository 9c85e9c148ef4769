/** Who runs where: the server under test has the first core for itself, everything else the last. */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";

export const SERVER_CORE = 0;
export const LOAD_CORE: number = cpus().length - 1;

/** Moves this process, which publishes and plays the CMS, to the load's core. */
export function leaveServerCore(): void {
  execFileSync("taskset", ["-acp", String(LOAD_CORE), String(process.pid)], { stdio: "ignore" });
}
