/** Finds the best sandbox that works on this machine. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { DocconvError } from "../docconv-error.ts";
import type { Logger } from "../logger.ts";
import type { Sandbox } from "../sandbox.ts";
import { BubblewrapSandbox } from "./bubblewrap-sandbox.ts";
import { ProcessGroupSandbox } from "./process-group-sandbox.ts";
import { runProgram } from "./run-program.ts";

const run = promisify(execFile);
const PROBE_LIMITS = { cpuSeconds: 5, memoryBytes: 100_000_000, fileBytes: 0 };

/**
 * @param allowUnsandboxed whether converters may run without bubblewrap although the worker is root
 * @throws DocconvError `no-sandbox`
 */
export async function chooseSandbox(allowUnsandboxed: boolean, logger: Logger): Promise<Sandbox> {
  const bubblewrap = new BubblewrapSandbox();
  const probe = { program: "/usr/bin/true", args: [], mounts: [], limits: PROBE_LIMITS };
  try {
    const { exitCode } = await runProgram(bubblewrap, probe, { timeoutMs: 5000, maxOutputBytes: 1000 });
    if (exitCode === 0) return bubblewrap;
  } catch {
    // Not installed.
  }
  const remedy = "Install bubblewrap (apt-get install bubblewrap) where user namespaces are allowed";
  if (process.getuid?.() === 0 && !allowUnsandboxed) {
    throw new DocconvError(
      "no-sandbox",
      `Converters would run as root with the whole disk and network in reach. ${remedy}, run the worker as ` +
        "another user, or allow it with allowUnsandboxed.",
    );
  }
  logger.warn({}, `Converters run without a sandbox: documents must come from people you trust. ${remedy}.`);
  const [prlimit, setpriv] = await Promise.all([works("prlimit"), works("setpriv")]);
  return new ProcessGroupSandbox({ prlimit, setpriv });
}

async function works(program: string): Promise<boolean> {
  return run(program, ["--version"]).then(
    () => true,
    () => false,
  );
}
