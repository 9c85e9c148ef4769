/**
 * `pat-push/client`: the push server's messages, each once and in order, for pages with and without Patternslib.
 * Connection above, whoever takes messages below.
 */
import {
  compareCursors,
  cursorAt,
  type Cursor,
  type MessageFrame,
  type ServerFrame,
  type Topic,
} from "push-protocol";
import type { Connection, ConnectionEvents, ConnectionState } from "./connection/connection.ts";
import { SharedConnection } from "./connection/shared/shared-connection.ts";
import { SeenCursors } from "./connection/seen-cursors.ts";
import { OVERLAP_MS, ServerClock } from "./connection/server-clock.ts";
import { followPage } from "./connection/wake.ts";

export type { ConnectionState } from "./connection/connection.ts";
export type { Cursor, MessageBody, MessageFrame, Topic } from "push-protocol";

export interface PushClientOptions {
  /** The push server's prefix, such as `/push`; relative to the page. */
  readonly url: string;
  /**
   * The moment the page was rendered, in epoch milliseconds by the server's clock: what was published since is
   * replayed, with {@link OVERLAP_MS} of overlap. Without it the stream begins with the connection.
   */
  readonly renderedAtMs?: number | undefined;
  /** The user for whom the page was rendered. Messages of any other never reach it. Default: the first welcomed. */
  readonly user?: string | undefined;
  /** Whether the tabs of this user share one connection; they can if `user` is given. Default: true. */
  readonly share?: boolean;
  /**
   * The URL of `pat-push.worker.min.js`, of the page's own origin: tabs then share in a SharedWorker. Default: one of
   * them holds the connection for all.
   */
  readonly worker?: string | undefined;
  /** Called for each message once, in the order of the log. What it throws is reported as an uncaught error. */
  readonly onMessage: (frame: MessageFrame) => void;
  /** Default: nothing. */
  readonly onState?: (state: ConnectionState) => void;
  /** Messages may be missing: of one topic, or (undefined) of all. Refetch what shows them. Default: nothing. */
  readonly onGap?: (topic: Topic | undefined) => void;
  /** The user may not see the object of this topic, or no longer. Default: nothing. */
  readonly onRefused?: (topic: Topic) => void;
}

export interface PushClient {
  readonly state: ConnectionState;
  /** The CMS's id of the user, once welcomed. */
  readonly user: string | undefined;
  /**
   * Asks for an object topic, until as many calls of `unsubscribe`. Before the first connection the replay
   * begins when the page was rendered, later a few seconds before now.
   */
  subscribe(topic: Topic): void;
  unsubscribe(topic: Topic): void;
  close(): Promise<void>;
}

/** Connects. Call `close()` when done. */
export function createPushClient(options: PushClientOptions): PushClient {
  return new Client(options);
}

class Client implements PushClient, ConnectionEvents {
  readonly #options: PushClientOptions;
  readonly #connection: Connection;
  readonly #unfollow: () => void;
  readonly #seen = new SeenCursors();
  readonly #clock = new ServerClock();
  readonly #topics = new Map<Topic, number>();
  readonly #start: Cursor | undefined;
  /** Topics whose gap was told with that of all. */
  #told = new Set<Topic>();
  #user: string | undefined;
  #welcomed = false;

  constructor(options: PushClientOptions) {
    const { user, renderedAtMs, share = true, worker } = options;
    this.#options = options;
    this.#user = user;
    if (renderedAtMs !== undefined) {
      this.#start = cursorAt(renderedAtMs - OVERLAP_MS);
      this.#clock.observe(renderedAtMs, arrivalOfPage());
    }
    const url = new URL(options.url, document.baseURI).href.replace(/\/+$/, "");
    this.#connection = new SharedConnection(
      { url, cursor: this.#start, user: share ? user : undefined, worker },
      this,
    );
    this.#unfollow = followPage(window, this.#connection);
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get user(): string | undefined {
    return this.#user;
  }

  subscribe(topic: Topic): void {
    const holders = this.#topics.get(topic) ?? 0;
    this.#topics.set(topic, holders + 1);
    if (holders === 0) this.#connection.subscribe(topic, this.#replayFrom());
  }

  unsubscribe(topic: Topic): void {
    const holders = this.#topics.get(topic) ?? 0;
    if (holders > 1) this.#topics.set(topic, holders - 1);
    else if (this.#topics.delete(topic)) {
      this.#told.delete(topic);
      this.#connection.unsubscribe(topic);
    }
  }

  close(): Promise<void> {
    this.#unfollow();
    return this.#connection.close();
  }

  onState(state: ConnectionState): void {
    this.#options.onState?.(state);
  }

  onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.#welcomed = true;
        this.#clock.observeCursor(frame.cursor);
        if (this.#user !== undefined && this.#user !== frame.user) return this.#connection.stop();
        this.#user = frame.user;
        if (frame.recovered) return undefined;
        this.#told = new Set(this.#topics.keys());
        return this.#options.onGap?.(undefined);
      case "message":
        this.#clock.observeCursor(frame.cursor);
        if (this.#seen.add(frame.cursor)) this.#deliver(frame);
        return undefined;
      case "subscribed":
        if (!this.#told.delete(frame.topic) && !frame.recovered) this.#options.onGap?.(frame.topic);
        return undefined;
      case "refused":
        return this.#options.onRefused?.(frame.topic);
    }
  }

  /** One message that its taker cannot take is no reason to miss those behind it. */
  #deliver(frame: MessageFrame): void {
    try {
      this.#options.onMessage(frame);
    } catch (error) {
      reportError(error);
    }
  }

  /** What asks before the first welcome came with the page; what asks later came since, and is as new as that. */
  #replayFrom(): Cursor | undefined {
    if (!this.#welcomed) return this.#start;
    const recent = this.#clock.justBefore(Date.now());
    return this.#start !== undefined && compareCursors(this.#start, recent) > 0 ? this.#start : recent;
  }
}

/** When the page's first byte was here, in epoch milliseconds. */
function arrivalOfPage(): number {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return performance.timeOrigin + (navigation?.responseStart ?? 0);
}
