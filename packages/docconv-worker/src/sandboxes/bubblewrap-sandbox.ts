/** Programs behind bubblewrap: no network, no process but their own, and of the disk only what they are given. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Mount, Sandbox, SandboxCommand } from "../sandbox.ts";
import { BEHIND_ALL_ELSE, limitArguments } from "./resource-limits.ts";

/** What every program needs of the system: itself, its libraries, and how fonts are found. */
const SYSTEM = [
  ["--ro-bind", "/usr", "/usr"],
  ["--symlink", "usr/bin", "/bin"],
  ["--symlink", "usr/lib", "/lib"],
  ["--symlink", "usr/lib64", "/lib64"],
  ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"],
  ["--ro-bind-try", "/etc/alternatives", "/etc/alternatives"],
  ["--ro-bind-try", "/etc/fonts", "/etc/fonts"],
  ["--ro-bind-try", "/etc/libreoffice", "/etc/libreoffice"],
  ["--ro-bind-try", "/var/cache/fontconfig", "/var/cache/fontconfig"],
  ["--proc", "/proc"],
  ["--dev", "/dev"],
  // It is memory, beside the program's own.
  ["--size", "1000000000", "--tmpfs", "/tmp"],
].flat();

/**
 * Processes and threads. Counted within the sandbox's own user namespace, so that those of the worker's user outside
 * do not matter; the kernel does not count root's, whose programs the limits of time and memory have to end.
 */
const MAX_PROCESSES = 512;

const ISOLATION = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"];

/** Takes 7 ms a start. */
export class BubblewrapSandbox implements Sandbox {
  readonly name = "bubblewrap";
  readonly isolates = true;

  pathInside(mount: Mount): string {
    return mount.target;
  }

  start(command: SandboxCommand): ChildProcess {
    const mounts = command.mounts.flatMap(({ source, target, writable }) => [
      writable ? "--bind" : "--ro-bind",
      source,
      target,
    ]);
    const environment = { PATH: "/usr/bin", HOME: "/tmp", LANG: "C.UTF-8", ...command.environment };
    const variables = Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]);
    const bwrap = ["bwrap", ...ISOLATION, ...SYSTEM, ...mounts, ...variables, "--chdir", "/tmp", "--"];
    const inside = ["/usr/bin/prlimit", `--nproc=${MAX_PROCESSES}`, "--", command.program, ...command.args];
    const [nice, ...degree] = BEHIND_ALL_ELSE;
    // The limits hold for bubblewrap too, which needs next to nothing.
    const limited = ["prlimit", ...limitArguments(command.limits), ...bwrap, ...inside];
    return spawn(nice, [...degree, ...limited], {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: "/usr/bin:/bin" },
    });
  }
}
