/** Keeps the process's memory, with the cookies of running jobs, out of core files. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** False where it cannot be done (no Linux, no util-linux): then the service manager has to (`LimitCORE=0`). */
export async function forbidCoreDumps(): Promise<boolean> {
  try {
    await promisify(execFile)("/usr/bin/prlimit", ["--pid", String(process.pid), "--core=0:0"]);
    return true;
  } catch {
    return false;
  }
}
