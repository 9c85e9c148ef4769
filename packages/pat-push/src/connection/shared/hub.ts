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

/** A new hub waits so long for those who were with the old one, to ask once for what all of them miss. */
const GATHER_MS = 50;
/** Messages kept for tabs that are opened. */
const MAX_KEPT = 500;

export class Hub implements ConnectionEvents {
  readonly #url: string;
  readonly #user: string;
  readonly #tell: (tab: string, message: FromHub) => void;
  readonly #tabs = new Map<string, Set<Topic>>();
  /** What came on the topics of the user after `#floor`. */
  #kept: MessageFrame[] = [];
  #floor: Cursor | undefined;
  #last: Cursor | undefined;
  #connection: OwnConnection | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #start: Cursor | undefined;
  readonly #wishes: Wish[] = [];

  /** @param tell passes something on to one tab, or to `ALL` */
  constructor(url: string, user: string, tell: (tab: string, message: FromHub) => void) {
    this.#url = url;
    this.#user = user;
    this.#tell = tell;
    this.#gathering = setTimeout(() => this.#connect(), GATHER_MS);
  }

  receive(tab: string, message: ToHub): void {
    switch (message.type) {
      case "join":
        return this.#join(tab, message.cursor, message.topics);
      case "subscribe":
        this.#tabs.get(tab)?.add(message.wish[0]);
        return this.#wish(message.wish);
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
    if (topics) this.#release([...topics]);
  }

  async close(): Promise<void> {
    clearTimeout(this.#gathering);
    await this.#connection?.close();
  }

  onState(state: ConnectionState): void {
    if (state !== "closed") this.#tell(ALL, { type: "state", state });
  }

  onFrame(frame: ServerFrame): void {
    if (frame.type === "welcome") {
      // Where the stream does not go on from what is kept, that is of no use any more.
      if (!frame.recovered || this.#last === undefined || compareCursors(frame.cursor, this.#last) < 0) {
        this.#kept = [];
        this.#floor = this.#last = frame.cursor;
      }
      if (frame.user !== this.#user) this.#connection?.stop();
    } else if (frame.type === "message") {
      this.#keep(frame);
    }
    this.#tell(ALL, { type: "frame", frame });
  }

  #join(tab: string, cursor: Cursor | undefined, wishes: readonly Wish[]): void {
    this.#tabs.set(tab, new Set(wishes.map(([topic]) => topic)));
    if (!this.#connection) {
      this.#start =
        cursor !== undefined && (!this.#start || compareCursors(cursor, this.#start) < 0)
          ? cursor
          : this.#start;
    } else {
      this.#tell(tab, { type: "state", state: this.#connection.state });
      this.#catchUp(tab, this.#connection, cursor);
    }
    for (const wish of wishes) this.#wish(wish);
  }

  /** From what is kept, or else by connecting anew, which asks the server. */
  #catchUp(tab: string, connection: OwnConnection, cursor: Cursor | undefined): void {
    const reached =
      cursor === undefined || (this.#floor !== undefined && compareCursors(cursor, this.#floor) >= 0);
    if (!reached) return connection.rewind(cursor);
    if (connection.state !== "open" || this.#last === undefined) return undefined; // a welcome is to come
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

  #connect(): void {
    this.#connection = new OwnConnection({ url: this.#url, cursor: this.#start }, this);
    for (const wish of this.#wishes.splice(0)) this.#wish(wish);
  }

  #wish(wish: Wish): void {
    if (this.#connection) this.#connection.subscribe(...wish);
    else this.#wishes.push(wish);
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
    if (this.#kept.length > MAX_KEPT) this.#floor = this.#kept.shift()?.cursor;
  }
}
