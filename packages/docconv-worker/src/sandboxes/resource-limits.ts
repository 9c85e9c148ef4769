/** Limits as prlimit(1) takes them; children inherit them. */
import type { ResourceLimits } from "../sandbox.ts";

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
