/** What goes wrong in the intake, the queue and the worker; each edge turns it into a status or a failed job. */

/** Options of a {@link DocconvError}. */
export interface DocconvErrorOptions extends ErrorOptions {
  /** Whether the same job may succeed later. Default false. */
  readonly retryable?: boolean;
}

/** An error with a stable code. Its text says what, where and the remedy, and never holds a credential. */
export class DocconvError extends Error {
  override readonly name: string = "DocconvError";
  /** Stable, for programs. */
  readonly code: string;
  /** Whether the same job may succeed later. */
  readonly retryable: boolean;

  constructor(code: string, text: string, options: DocconvErrorOptions = {}) {
    super(text, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
