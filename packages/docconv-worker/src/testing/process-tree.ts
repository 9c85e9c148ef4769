/** For tests: what this process has started, and what that has started. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** A process below this one. */
export interface Descendant {
  readonly pid: number;
  readonly name: string;
  /** Resident memory, in bytes. */
  readonly resident: number;
}

/** Every process below this one, without the one that looks. */
export async function descendants(of: number = process.pid): Promise<readonly Descendant[]> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,ppid=,rss=,comm="]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/, 4));
  const found = new Set([String(of)]);
  // The set grows while it is read: children, then theirs.
  for (const parent of found) for (const [pid = "", ppid] of rows) if (ppid === parent) found.add(pid);
  found.delete(String(of));
  return rows
    .filter(([pid = "", , , name]) => found.has(pid) && name !== "ps")
    .map(([pid, , rss, name = ""]) => ({ pid: Number(pid), name, resident: Number(rss) * 1024 }));
}

/** False for one that has ended, and waits for somebody to hear of it: in a container often nobody does. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [XZ] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
