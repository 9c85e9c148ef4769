/** Runs all checks of the status page at once, each within its time, and for all who ask meanwhile. */
import type { Finding, StatusCheck } from "./status-check.ts";

export interface StatusEntry extends Finding {
  readonly name: string;
  /** How long it took. */
  readonly ms: number;
}

export interface Status {
  /** Nothing is wrong; there may be warnings. */
  readonly ok: boolean;
  /** When it was looked at, ISO 8601. */
  readonly at: string;
  readonly checks: readonly StatusEntry[];
}

/** A conversion may wait for others; a page for no longer than this. */
const CHECK_TIMEOUT_MS = 15_000;
/** What was found is told to everybody who asks this soon after. */
const KEPT_MS = 1000;

export class StatusReport {
  readonly #checks: readonly StatusCheck[];
  #last: Promise<Status> | undefined;

  constructor(checks: readonly StatusCheck[]) {
    this.#checks = checks;
  }

  read(): Promise<Status> {
    this.#last ??= this.#run().finally(() => {
      setTimeout(() => {
        this.#last = undefined;
      }, KEPT_MS).unref();
    });
    return this.#last;
  }

  /** Something was changed: the next one who asks gets it anew. */
  forget(): void {
    this.#last = undefined;
  }

  async #run(): Promise<Status> {
    const checks = await Promise.all(this.#checks.map(runCheck));
    return { ok: checks.every(({ state }) => state !== "wrong"), at: new Date().toISOString(), checks };
  }
}

async function runCheck(check: StatusCheck): Promise<StatusEntry> {
  const started = performance.now();
  const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const finding = await Promise.race([check.run(signal), tooLong(signal)]).catch(wrong);
  return { name: check.name, ms: Math.round(performance.now() - started), ...finding };
}

function tooLong(signal: AbortSignal): Promise<Finding> {
  return new Promise((resolve) => {
    const detail = `There was no result within ${CHECK_TIMEOUT_MS / 1000} s: see the log, and look again.`;
    signal.addEventListener("abort", () => resolve({ state: "wrong", detail }));
  });
}

/** Our errors say what to do; of others only the class, for their text may be anything. */
function wrong(error: unknown): Finding {
  const known = error instanceof Error && "code" in error && typeof error.code === "string";
  const detail = known
    ? error.message
    : `It failed (${error instanceof Error ? error.name : "unknown"}): see the log.`;
  return { state: "wrong", detail };
}
