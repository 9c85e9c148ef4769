/** Limits as prlimit(1) takes them; children inherit them. */
import type { ResourceLimits } from "../sandbox.ts";

/**
 * In front of a command: everything else that wants a CPU goes first, such as the site beside it. A conversion takes all
 * that is idle.
 */
export const BEHIND_ALL_ELSE: readonly [string, ...string[]] = ["nice", "-n", "10"];

/** Options for prlimit. */
export function limitArguments({ cpuSeconds, memoryBytes, fileBytes }: ResourceLimits): string[] {
  return [
    `--cpu=${Math.ceil(cpuSeconds)}`,
    `--data=${memoryBytes}`,
    `--fsize=${fileBytes}`,
    "--core=0",
    "--nofile=512",
  ];
}
