/** The port to the push server: frames come up, subscriptions go down; whose socket it is, nobody above knows. */
import type { Cursor, ServerFrame, Topic } from "push-protocol";

/**
 * - `connecting`: an attempt is under way;
 * - `open`: welcomed, messages arrive;
 * - `waiting`: for the next attempt;
 * - `signed-out`: the cookie belongs to nobody; looked at again when the page is shown;
 * - `stopped`: refused for good, or the browser belongs to another user now; a reload begins anew;
 * - `closed`: by `close()`.
 */
export type ConnectionState = "connecting" | "open" | "waiting" | "signed-out" | "stopped" | "closed";

export interface ConnectionEvents {
  onState(state: ConnectionState): void;
  onFrame(frame: ServerFrame): void;
}

export interface Connection {
  readonly state: ConnectionState;
  /** Asks for an object topic; with a cursor, also for what came on it since. */
  subscribe(topic: Topic, cursor?: Cursor): void;
  unsubscribe(topic: Topic): void;
  /** The page came to the front, or the network back: tries at once what waits, and doubts what is silent. */
  wake(): void;
  /** Lets the socket go until `wake()`: an open one keeps a page out of the back/forward cache. */
  pause(): void;
  /** For good: the messages are another user's. */
  stop(): void;
  close(): Promise<void>;
}
