/** What a running server says about itself, for metrics and the status page. */
import type { Cursor } from "push-protocol";
import type { LogState } from "./log.ts";

export interface PushServerState {
  /** Whether browsers may be sent here. */
  readonly ready: boolean;
  /** One sentence: why not, if not. */
  readonly detail: string;
  readonly log: LogState;
  /** What is kept for browsers that are away. */
  readonly window: {
    readonly entries: number;
    readonly bytes: number;
    readonly topics: number;
    /** The oldest message that is kept; undefined: there is none. */
    readonly oldest: Cursor | undefined;
  };
  /** Open on this node. */
  readonly connections: number;
  /** Sockets and SockJS sessions of connections, those included that are closing: nothing else is left of a visitor. */
  readonly transports: number;
  /** Requests that wait for the CMS to say whose they are. */
  readonly handshakes: number;
}
