/** Helper processes that are started ahead, so that no document waits for one; each serves a few documents. */

/** A helper process that can be thrown away at any time. */
export interface PooledProcess {
  /** It has ended, or must not be used again. */
  readonly isDead: boolean;
  kill(): void;
}

/** Options of {@link ProcessPool}. */
export interface ProcessPoolOptions<Process extends PooledProcess> {
  readonly start: () => Process;
  /** Processes that there are. */
  readonly size: number;
  /** Documents for which one is used before it is replaced: memory stays flat, and a hostile one sees few others. */
  readonly usesEach: number;
}

/** A process that is nobody else's until it is given back, or thrown away because something went wrong with it. */
export interface Lease<Process> {
  readonly process: Process;
  release(): void;
  discard(): void;
}

interface Idle<Process> {
  readonly process: Process;
  readonly uses: number;
}

interface Waiting<Process> {
  readonly resolve: (idle: Idle<Process>) => void;
  readonly reject: (reason: unknown) => void;
}

/** Hands out processes, at most `size` at once; who comes later waits. */
export class ProcessPool<Process extends PooledProcess> {
  readonly #options: ProcessPoolOptions<Process>;
  readonly #idle: Idle<Process>[] = [];
  readonly #busy = new Set<Process>();
  readonly #waiting = new Set<Waiting<Process>>();
  #closed = false;

  constructor(options: ProcessPoolOptions<Process>) {
    this.#options = options;
    this.#fill();
  }

  /** @throws the signal's reason */
  async lease(signal: AbortSignal): Promise<Lease<Process>> {
    signal.throwIfAborted();
    const idle = this.#take() ?? (await this.#wait(signal));
    const { process, uses } = idle;
    this.#busy.add(process);
    let returned = false;
    const giveBack = (keep: boolean): void => {
      if (returned) return;
      returned = true;
      this.#busy.delete(process);
      if (keep) this.#idle.push({ process, uses: uses + 1 });
      else process.kill();
      this.#fill();
    };
    return {
      process,
      release: () => giveBack(!process.isDead && !this.#closed && uses + 1 < this.#options.usesEach),
      discard: () => giveBack(false),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting) reject(new Error("The pool is closed."));
    for (const { process } of this.#idle) process.kill();
    for (const process of this.#busy) process.kill();
    this.#idle.length = 0;
    this.#waiting.clear();
  }

  #take(): Idle<Process> | undefined {
    for (let idle = this.#idle.shift(); idle; idle = this.#idle.shift()) {
      if (!idle.process.isDead) return idle;
      idle.process.kill(); // what it left goes with it
    }
    return this.#busy.size < this.#options.size ? this.#start() : undefined;
  }

  async #wait(signal: AbortSignal): Promise<Idle<Process>> {
    const { promise, resolve, reject } = Promise.withResolvers<Idle<Process>>();
    const waiting = { resolve, reject };
    const onAbort = (): void => reject(signal.reason);
    this.#waiting.add(waiting);
    signal.addEventListener("abort", onAbort);
    try {
      return await promise;
    } finally {
      this.#waiting.delete(waiting);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Serves who waits, then starts what is missing. */
  #fill(): void {
    if (this.#closed) return;
    for (const waiting of this.#waiting) {
      const idle = this.#take();
      if (!idle) return;
      this.#busy.add(idle.process); // it counts from now on, not from when the waiting one wakes up
      this.#waiting.delete(waiting);
      waiting.resolve(idle);
    }
    while (this.#idle.length + this.#busy.size < this.#options.size) this.#idle.push(this.#start());
  }

  #start(): Idle<Process> {
    return { process: this.#options.start(), uses: 0 };
  }
}
