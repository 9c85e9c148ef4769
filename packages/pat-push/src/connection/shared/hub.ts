/** Holds the one connection of all tabs of a user, and knows what each of them still has to get. */
import {
  compareCursors,
  topicObject,
  type Cursor,
  type MessageFrame,
  type ServerFrame,
  type Topic,
} from "push-protocol";
import type { ConnectionEvents, ConnectionState } from "../connection.ts";
import { OwnConnection } from "../own-connection.ts";
import { later } from "../seen-cursors.ts";
import { ALL, type FromHub, type ToHub, type Wish } from "./tab-message.ts";

/** Messages kept for tabs that are opened. */
const MAX_KEPT = 500;
/** All their HTML together, in characters. */
const MAX_KEPT_LENGTH = 1_000_000;

export class Hub implements ConnectionEvents {
  readonly #url: string;
  readonly #tell: (tab: string, message: FromHub) => void;
  readonly #tabs = new Map<string, Set<Topic>>();
  /** What came on the topics of the user after `#floor`. */
  #kept: MessageFrame[] = [];
  #keptLength = 0;
  #floor: Cursor | undefined;
  #last: Cursor | undefined;
  /** Whose connection it is, once welcomed. */
  #user: string | undefined;
  /** There is one while there are tabs. */
  #connection: OwnConnection | undefined;

  /** @param tell passes something on to one tab, or to `ALL` */
  constructor(url: string, tell: (tab: string, message: FromHub) => void) {
    this.#url = url;
    this.#tell = tell;
  }

  receive(tab: string, message: ToHub): void {
    switch (message.type) {
      case "join":
        return this.#join(tab, message.cursor, message.topics);
      case "subscribe":
        // A tab that has not joined yet will name it then: asked for now, a gap would be told twice.
        if (this.#tabs.get(tab)?.add(message.wish[0])) this.#connection?.subscribe(...message.wish);
        return;
      case "unsubscribe":
        this.#tabs.get(tab)?.delete(message.topic);
        return this.#release([message.topic]);
      case "wake":
        return this.#connection?.wake();
      case "leave":
        return this.drop(tab);
    }
  }

  /** The tab is gone. */
  drop(tab: string): void {
    const topics = this.#tabs.get(tab);
    this.#tabs.delete(tab);
    if (this.#tabs.size === 0) void this.close();
    else if (topics) this.#release([...topics]);
  }

  /** This user was welcomed in another tab: somebody has logged in, if it is not who ours is for. */
  doubt(user: string): void {
    if (this.#connection?.state === "signed-out") this.#connection.wake();
    else if (this.#user !== undefined && this.#user !== user) this.#connection?.renew();
  }

  async close(): Promise<void> {
    const closing = this.#connection?.close();
    this.#connection = this.#user = undefined;
    this.#forget(undefined);
    await closing;
  }

  onState(state: ConnectionState): void {
    if (state !== "closed") this.#tell(ALL, { type: "state", state });
  }

  onFrame(frame: ServerFrame): void {
    if (frame.type === "welcome") {
      this.#user = frame.user;
      // Where the stream does not go on from what is kept, that is of no use any more.
      if (!frame.recovered || this.#last === undefined || compareCursors(frame.cursor, this.#last) < 0)
        this.#forget(frame.cursor);
    } else if (frame.type === "message") {
      this.#keep(frame);
    }
    this.#tell(ALL, { type: "frame", frame });
  }

  #join(tab: string, cursor: Cursor | undefined, wishes: readonly Wish[]): void {
    this.#tabs.set(tab, new Set(wishes.map(([topic]) => topic)));
    if (this.#connection) {
      this.#tell(tab, { type: "state", state: this.#connection.state });
      this.#catchUp(tab, this.#connection, cursor);
    } else {
      this.#connection = new OwnConnection({ url: this.#url, cursor }, this);
    }
    for (const wish of wishes) this.#connection.subscribe(...wish);
  }

  /** From what is kept, or else by connecting anew, which asks the server. */
  #catchUp(tab: string, connection: OwnConnection, cursor: Cursor | undefined): void {
    const reached =
      cursor === undefined || (this.#floor !== undefined && compareCursors(cursor, this.#floor) >= 0);
    if (!reached) return connection.rewind(cursor);
    if (connection.state !== "open" || this.#last === undefined || this.#user === undefined) return undefined; // a welcome is to come
    const welcome: ServerFrame = {
      type: "welcome",
      user: this.#user,
      cursor: cursor ?? this.#last,
      recovered: true,
    };
    this.#tell(tab, { type: "frame", frame: welcome });
    for (const frame of this.#kept)
      if (cursor !== undefined && compareCursors(frame.cursor, cursor) > 0)
        this.#tell(tab, { type: "frame", frame });
    return undefined;
  }

  #release(topics: readonly Topic[]): void {
    for (const topic of topics)
      if (![...this.#tabs.values()].some((held) => held.has(topic))) this.#connection?.unsubscribe(topic);
  }

  /** Replays of single topics come out of order, and whoever joins asks for those by itself. */
  #keep(frame: MessageFrame): void {
    const isNew = this.#last === undefined || compareCursors(frame.cursor, this.#last) > 0;
    this.#last = later(frame.cursor, this.#last);
    if (!isNew || frame.topics.every((topic) => topicObject(topic) !== undefined)) return;
    this.#kept.push(frame);
    this.#keptLength += lengthOf(frame);
    while (this.#kept.length > MAX_KEPT || this.#keptLength > MAX_KEPT_LENGTH) {
      const oldest = this.#kept.shift();
      if (!oldest) break;
      this.#floor = oldest.cursor;
      this.#keptLength -= lengthOf(oldest);
    }
  }

  /** What is kept, for what comes after this. */
  #forget(from: Cursor | undefined): void {
    this.#kept = [];
    this.#keptLength = 0;
    this.#floor = this.#last = from;
  }
}

function lengthOf({ message }: MessageFrame): number {
  return message.html?.length ?? 0;
}
