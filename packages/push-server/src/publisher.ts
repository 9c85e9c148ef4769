/** The port of everybody who has a message to send: the server itself, and its HTTP client, implement it. */
import type { Message } from "push-protocol";

export interface Publisher {
  /**
   * Resolves when the message is in the log; from there on it is delivered at least once.
   * @throws ProtocolError what is wrong with the message
   * @throws PublishError `log-unavailable`, `publish-refused`: it may not be in the log; publish it again, with the same `id`
   */
  publish(message: Message): Promise<void>;
}

export type PublishErrorCode = "log-unavailable" | "publish-refused";

/** The message is not known to be in the log. Never carries the message. */
export class PublishError extends Error {
  override readonly name = "PublishError";
  readonly code: PublishErrorCode;
  /** Whether publishing it again, with the same `id`, may help. */
  readonly retryable: boolean;

  constructor(code: PublishErrorCode, text: string, retryable: boolean, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
    this.retryable = retryable;
  }
}
