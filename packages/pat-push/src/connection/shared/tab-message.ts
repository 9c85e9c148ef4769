/** What tabs say to the one that holds their connection, the hub, and what it says to them. */
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

/** Everybody who is there. */
export const ALL = "*";
