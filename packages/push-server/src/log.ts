/** The port of the message log: what publishers append to and the relay follows. */
import type { Cursor, Topic } from "push-protocol";

/** What a record asks the nodes to do, instead of carrying a message. */
type LogControl = "close-connections";

/** What is appended. `to` is topics separated by spaces, `message` a MessageBody as JSON. */
export type NewLogRecord =
  | { readonly to: string; readonly message: string; readonly control?: undefined }
  | { readonly to: string; readonly message?: undefined; readonly control: LogControl };

/** What is read: anybody may have written it, so nothing about it is checked yet. */
export interface LogRecord {
  readonly cursor: Cursor;
  readonly to: string;
  readonly message?: string | undefined;
  readonly control?: string | undefined;
}

/** Who reads a log. */
export interface LogFollower {
  /** The next records, in order. */
  records(records: readonly LogRecord[]): void;
  /** Messages up to and including this position may be missing: on this topic, or on every one. */
  gap(upTo: Cursor, topic?: Topic): void;
}

/** What no retained window holds any more. */
export interface Forgotten {
  readonly cursors: readonly Cursor[];
  /** Position up to which messages were forgotten, per topic. */
  readonly lost: ReadonlyMap<Topic, Cursor>;
  /** Position up to which messages of any topic may have been forgotten. */
  readonly floor: Cursor;
}

export interface LogState {
  readonly driver: "memory" | "redis";
  readonly ok: boolean;
  /** One sentence: what is the case, and what to do if something is wrong. */
  readonly detail: string;
}

export interface MessageLog {
  /** Resolves when the record is stored. @throws PublishError `log-unavailable` */
  append(record: NewLogRecord): Promise<Cursor>;
  /**
   * Hands the follower the gap before what is retained, what is retained, then what is appended, until close.
   * One follower per log. Resolves when the retained part has been handed over.
   */
  follow(follower: LogFollower): Promise<void>;
  /** Lets the storage go of what the window let go of. */
  forget(forgotten: Forgotten): void;
  /** Milliseconds since the epoch, by the clock that cursors come from. */
  now(): number;
  state(): LogState;
  close(): Promise<void>;
}
