/** The life of a program: until a signal, then an end in order, within a bound. */
import type { ProgramLog } from "./program-log.ts";

export interface UntilStoppedOptions {
  readonly log: ProgramLog;
  /** From the signal on; then the process is gone, whatever still hangs. */
  readonly timeoutMs: number;
  /** Ends everything. */
  readonly close: () => Promise<void>;
}

/** Of what hangs, the process ends with this. */
const EXIT_HUNG = 1;
/** sysexits' EX_SOFTWARE. */
const EXIT_FAILED = 70;
/** As a shell says that a signal ended something. */
const EXIT_SIGNALLED = 128;
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Ends the process: 0 after SIGTERM or SIGINT if all ended within the bound, else 1; at once after a second signal.
 * Errors that nobody caught are logged, without what a trace on standard error would show, and end it with 70.
 */
export function untilStopped({ log, timeoutMs, close }: UntilStoppedOptions): void {
  let stopping = false;
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (stopping) process.exit(EXIT_SIGNALLED + number);
      stopping = true;
      log.info({ signal, timeoutMs }, "Stopping.");
      setTimeout(() => {
        log.warn({}, "Something did not end in time: the process ends without it.");
        process.exit(EXIT_HUNG);
      }, timeoutMs);
      close().then(
        () => {
          log.info({}, "Stopped.");
          process.exit(0);
        },
        (error: unknown) => fail(log, error),
      );
    });
  }
  process.on("uncaughtException", (error) => fail(log, error));
}

function fail(log: ProgramLog, error: unknown): never {
  log.error({ error }, "The program failed.");
  process.exit(EXIT_FAILED);
}
