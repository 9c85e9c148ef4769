/** What the server counts; nothing by default, Prometheus in the program. Never a user, a topic or a session as a label. */
import type { TransportName } from "./transport.ts";

export interface PushMetrics {
  connectionOpened(transport: TransportName): void;
  /** `reason` is the name of a close code, or `gone` for a client that went by itself. */
  connectionClosed(transport: TransportName, reason: string): void;
  /** The gate answered with this status instead of letting the request through. */
  refused(status: number): void;
  /** A record of the log: `relayed`, `superseded` or repeated (both by a later one), or `invalid`. */
  recordRead(outcome: "relayed" | "superseded" | "invalid"): void;
  /** So many times was a message handed to a connection as it came; replays are not counted. */
  delivered(deliveries: number): void;
  /** A client that was away came back with a cursor. */
  recovered(outcome: "complete" | "incomplete"): void;
}

/** The default: counts nothing. */
export const noMetrics: PushMetrics = {
  connectionOpened: () => undefined,
  connectionClosed: () => undefined,
  refused: () => undefined,
  recordRead: () => undefined,
  delivered: () => undefined,
  recovered: () => undefined,
};
