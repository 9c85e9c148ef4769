/** Programs in a process group of their own: limits where prlimit is installed, but neither disk nor network hidden. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Mount, Sandbox, SandboxCommand } from "../sandbox.ts";
import { BEHIND_ALL_ELSE, limitArguments } from "./resource-limits.ts";

/** Which of util-linux's programs are there. */
export interface ProcessTools {
  /** Limits resources. */
  readonly prlimit: boolean;
  /** Ends the program with the worker, however that ends. */
  readonly setpriv: boolean;
}

/** For development, and for where bubblewrap cannot run. */
export class ProcessGroupSandbox implements Sandbox {
  readonly name = "process group";
  readonly isolates = false;
  readonly #tools: ProcessTools;

  constructor(tools: ProcessTools) {
    this.#tools = tools;
  }

  pathInside(mount: Mount): string {
    return mount.source;
  }

  start(command: SandboxCommand): ChildProcess {
    const [nice, ...args] = [
      ...BEHIND_ALL_ELSE,
      ...(this.#tools.setpriv ? ["setpriv", "--pdeathsig", "KILL"] : []),
      ...(this.#tools.prlimit ? ["prlimit", ...limitArguments(command.limits)] : []),
      command.program,
      ...command.args,
    ];
    return spawn(nice, args, {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      // Nothing of the worker's own environment: it holds secrets.
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", ...command.environment },
    });
  }
}
