/** The port below a connection: one way of reaching one browser. */
import type { CloseReason } from "push-protocol";
import type { EncodedFrame } from "./encoded-frame.ts";

/** Names of what clients connect with, as SockJS calls them. */
export type TransportName = "websocket" | "websocket-raw" | "xhr-polling" | "xhr-streaming" | "eventsource";

export interface Transport {
  /**
   * Sends the frame if no more than the bound then waits for the reader. If not, nothing is sent, and the
   * connection's `drained` is called when what waits has left.
   */
  offer(frame: EncodedFrame): boolean;
  /** Until uncork, what is offered is held back to leave in one write. */
  cork(): void;
  uncork(): void;
  /** Makes sure that the other side is still there, where the transport does not do that by itself. */
  heartbeat(): void;
  /** Says why and goes; whatever the other side does, it is gone within seconds. */
  end(reason: CloseReason, delayMs?: number): void;
}

/** The port above a transport: what it tells its connection. */
export interface TransportListener {
  /** A frame of the client, JSON as it sent it. */
  receive(text: string): void;
  /** The client broke the transport's own framing. */
  malformed(): void;
  /** What waited has left, after an offer was refused. */
  drained(): void;
  /** It is gone. Called once. */
  gone(): void;
}
