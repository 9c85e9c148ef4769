/** The sandbox port: every program that reads a user's document is started through it. */
import type { ChildProcess } from "node:child_process";

/** What a program may use before it is killed. */
export interface ResourceLimits {
  /** CPU time, in seconds. */
  readonly cpuSeconds: number;
  /** Memory that it can write to, in bytes (RLIMIT_DATA: the one that fits Node and wasm, too). */
  readonly memoryBytes: number;
  /** The largest file that it can write, in bytes. */
  readonly fileBytes: number;
}

/** A folder or file that the program sees, under the same or another path. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly writable?: boolean;
}

/** A program to start. */
export interface SandboxCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** What of the disk it sees, beside the system's own programs, libraries and fonts. */
  readonly mounts: readonly Mount[];
  readonly limits: ResourceLimits;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts programs shut in. */
export interface Sandbox {
  /** For the log: `bubblewrap`, or `process group` which limits resources but hides neither disk nor network. */
  readonly name: string;
  /** Whether network and disk are out of reach. */
  readonly isolates: boolean;
  /** Where a mount's target is for the program: the target itself, or the source where nothing is mounted. */
  pathInside(mount: Mount): string;
  /** Starts the program as the leader of a process group, with pipes for its standard streams. */
  start(command: SandboxCommand): ChildProcess;
}

/** Kills a program started by a sandbox, with everything that it has started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
