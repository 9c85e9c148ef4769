/** What tabs say to the hub, which has their connection, and what it says to them. */
import type { Cursor, ServerFrame, Topic } from "push-protocol";
import type { ConnectionState } from "../connection.ts";

/** A topic, and where its replay begins. */
export type Wish = readonly [topic: Topic, cursor: Cursor | undefined];

export type ToHub =
  | { readonly type: "join"; readonly cursor: Cursor | undefined; readonly topics: readonly Wish[] }
  | { readonly type: "subscribe"; readonly wish: Wish }
  | { readonly type: "unsubscribe"; readonly topic: Topic }
  | { readonly type: "wake" }
  | { readonly type: "leave" };

export type FromHub =
  /** There is a new hub: join it. */
  | { readonly type: "hub" }
  | { readonly type: "state"; readonly state: ConnectionState }
  | { readonly type: "frame"; readonly frame: ServerFrame };

/** From the hub to one tab, or to `ALL`. */
export interface Addressed {
  readonly to: string;
  readonly message: FromHub;
}

/** On the channel that tabs and hub share: from a tab to the hub, or from the hub to tabs. */
export type Posted = { readonly from: string; readonly message: ToHub } | readonly Addressed[];

/** Everybody who is there. */
export const ALL = "*";

/** Of channels and locks. Counted up when tabs of a new release could not speak with the hub of an old one. */
export const NAMESPACE = "pat-push/2";
