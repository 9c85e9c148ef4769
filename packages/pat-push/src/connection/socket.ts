/** The port to a transport: below it bytes travel, above it the connection reads frames. */

/** What a socket tells. Nothing comes after `onClose`, which comes once, and never after one's own `close()`. */
export interface SocketEvents {
  onOpen(): void;
  /** One frame of the protocol, as text. */
  onText(text: string): void;
  /** A sign of life that carries nothing. */
  onHeartbeat(): void;
  /** `code` is one of the protocol, or 1006 for a connection that broke or never came about. */
  onClose(code: number, reason: string): void;
}

export interface PushSocket {
  /** Only after `onOpen`. */
  send(text: string): void;
  close(): void;
}

/** Opens a socket under `prefix`, an absolute http(s) URL without a slash at its end. */
export type OpenSocket = (prefix: string, events: SocketEvents) => PushSocket;

/** What browsers report for a connection that broke (RFC 6455 section 7.1.5). */
export const BROKEN = 1006;
