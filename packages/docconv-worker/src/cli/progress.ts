/** How far a conversion is: a bar that fills on a terminal, a line for each step elsewhere. */

/** What progress is written to: standard error. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR_WIDTH = 24;
/** Back to the start of the line, and clear it (ECMA-48). */
const REWIND = "\r\u001B[K";

/** The progress of one file. */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #label: string;
  readonly #started = performance.now();

  constructor(output: ProgressOutput, label: string) {
    this.#output = output;
    this.#label = label;
  }

  /** Seconds since the start, as people read them. */
  get elapsed(): string {
    return `${((performance.now() - this.#started) / 1000).toFixed(2)} s`;
  }

  /** @param of undefined while nobody knows how many there will be */
  step(pages: number, of: number | undefined): void {
    const count = of === undefined ? `${pages} pages` : `${pages} of ${of} pages`;
    if (this.#output.isTTY !== true) {
      if (pages > 0) this.#output.write(`${this.#label}: ${count} after ${this.elapsed}\n`);
      return;
    }
    const filled = of === undefined ? 0 : Math.round((BAR_WIDTH * pages) / Math.max(1, of));
    const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
    const line = `${this.#label} ${bar} ${count}, ${this.elapsed}`;
    this.#output.write(REWIND + line.slice(0, (this.#output.columns ?? 80) - 1).toWellFormed());
  }

  /** Leaves a terminal's line as it was found. */
  clear(): void {
    if (this.#output.isTTY === true) this.#output.write(REWIND);
  }
}
