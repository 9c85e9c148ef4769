/**
 * A tab's part in the one connection of a browser. The hub that has the socket is in a SharedWorker; where none
 * starts, in the tab that holds a Web Lock. When either ends, the lock goes to the next tab at once.
 */
import { compareCursors, topicObject, type Cursor, type ServerFrame, type Topic } from "push-protocol";
import { backoffMs } from "../backoff.ts";
import type { Connection, ConnectionEvents, ConnectionState } from "../connection.ts";
import { later } from "../seen-cursors.ts";
import { ALL, NAMESPACE, type FromHub, type Posted, type ToHub } from "./tab-message.ts";
import { startWorker } from "./worker-name.ts";
import type * as HostingPart from "./worker.ts";

export interface SharedConnectionOptions {
  /** The push server's prefix: an absolute http(s) URL without a slash at its end. */
  readonly url: string;
  /** Where the replay begins. */
  readonly cursor: Cursor | undefined;
  /** Tabs of the same user share. Undefined: nobody shares with this page. */
  readonly user: string | undefined;
  /** URL of `pat-push.worker.min.js`. Undefined: no SharedWorker. */
  readonly worker: string | undefined;
}

export class SharedConnection implements Connection {
  readonly #options: SharedConnectionOptions;
  readonly #events: ConnectionEvents;
  /** Topics, and where their replays begin until they are here. */
  readonly #topics = new Map<Topic, Cursor | undefined>();
  #cursor: Cursor | undefined;
  /** Where this tab's stream began: others may ask for what came before. */
  #start: Cursor | undefined;
  #state: ConnectionState = "waiting";
  /** This tab among the others, for as long as it takes part. */
  #id = "";
  #channel: BroadcastChannel | undefined;
  /** Gives back the locks. */
  #membership: AbortController | undefined;
  /** If the hub is here. */
  #hosting: HostingPart.Hosting | undefined;

  constructor(options: SharedConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#cursor = this.#start = options.cursor;
    void this.#enter();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  subscribe(topic: Topic, cursor?: Cursor): void {
    this.#topics.set(topic, cursor);
    this.#toHub({ type: "subscribe", wish: [topic, cursor] });
  }

  unsubscribe(topic: Topic): void {
    if (this.#topics.delete(topic)) this.#toHub({ type: "unsubscribe", topic });
  }

  wake(): void {
    if (this.#state === "stopped" || this.#state === "closed") return;
    if (this.#membership) this.#toHub({ type: "wake" });
    else void this.#enter();
  }

  pause(): void {
    void this.#leave();
    if (this.#state === "connecting" || this.#state === "open") this.#setState("waiting");
  }

  stop(): void {
    void this.#leave();
    this.#setState("stopped");
  }

  async close(): Promise<void> {
    await this.#leave();
    this.#setState("closed");
  }

  async #enter(): Promise<void> {
    const { signal } = (this.#membership = new AbortController());
    this.#setState("connecting");
    const { url, user, worker } = this.#options;
    const id = (this.#id = crypto.getRandomValues(new Uint32Array(3)).join("-"));
    const name = `${NAMESPACE} ${url} ${user}`;
    const inWorker = user !== undefined && worker !== undefined && (await startWorker(worker, { name, url }));
    if (signal.aborted) return;
    if (user === undefined || !(inWorker || navigator.locks)) return await this.#host(signal);
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener("message", ({ data }: MessageEvent<Posted>) => {
      if ("from" in data) return;
      for (const { to, message } of data) if (to === ALL || to === id) this.#fromHub(message);
    });
    // Held for as long as this tab is there: the hub notices by it when the tab is gone.
    hold(`${name} ${id}`, signal, () => this.#join());
    if (navigator.locks) hold(name, signal, () => void this.#host(signal, name));
  }

  /** @param name of the hub; undefined: it is this tab's alone */
  async #host(signal: AbortSignal, name?: string): Promise<void> {
    const part = await loadHosting(signal);
    if (signal.aborted) return;
    const { url } = this.#options;
    if (name) {
      this.#hosting = part?.hostHub(name, url);
    } else {
      this.#hosting = part?.hostOwnHub(url, (message) => this.#fromHub(message));
      this.#join();
    }
  }

  #join(): void {
    const topics = [...this.#topics].map(([topic, from]) => [topic, from ?? this.#cursor] as const);
    this.#toHub({ type: "join", cursor: this.#cursor, topics });
  }

  #toHub(message: ToHub): void {
    if (this.#hosting?.receive) this.#hosting.receive(this.#id, message);
    else this.#channel?.postMessage({ from: this.#id, message } satisfies Posted);
  }

  #fromHub(message: FromHub): void {
    if (!this.#membership) return;
    if (message.type === "hub") this.#join();
    else if (message.type === "frame") this.#take(message.frame);
    else if (message.state === "stopped") this.stop();
    else this.#setState(message.state);
  }

  #take(frame: ServerFrame): void {
    if (frame.type === "welcome") {
      // Where another tab asked for more than there still is, this one may have everything all the same.
      const recovered =
        frame.recovered || (this.#cursor !== undefined && compareCursors(this.#cursor, frame.cursor) >= 0);
      this.#start ??= frame.cursor;
      if (!recovered || this.#cursor === undefined) this.#cursor = frame.cursor;
      this.#events.onFrame({ ...frame, recovered });
    } else if (frame.type === "message") {
      const isForUs = this.#isForUs(frame.cursor, frame.topics);
      this.#cursor = later(frame.cursor, this.#cursor);
      if (isForUs) this.#events.onFrame(frame);
    } else if (frame.type === "refused") {
      if (this.#topics.has(frame.topic)) this.#events.onFrame(frame);
    } else if (this.#topics.get(frame.topic) !== undefined) {
      // Once: when another tab asks for the same, this one has it already.
      this.#topics.set(frame.topic, undefined);
      this.#events.onFrame(frame);
    }
  }

  /** What came for an object that only other tabs show is theirs, and so is what came before this tab. */
  #isForUs(cursor: Cursor, topics: readonly Topic[]): boolean {
    if (this.#start !== undefined && compareCursors(cursor, this.#start) <= 0) return false;
    return topics.some((topic) => topicObject(topic) === undefined || this.#topics.has(topic));
  }

  async #leave(): Promise<void> {
    this.#toHub({ type: "leave" });
    const closing = this.#hosting?.close();
    this.#hosting = undefined;
    this.#channel?.close();
    this.#channel = undefined;
    this.#membership?.abort();
    this.#membership = undefined;
    await closing;
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state || this.#state === "stopped" || this.#state === "closed") return;
    this.#state = state;
    this.#events.onState(state);
  }
}

/** Waits for a lock, acts, and holds it until the signal. Without locks, nobody else asks for what it stands for. */
function hold(name: string, signal: AbortSignal, act: () => void): void {
  if (!navigator.locks) return act();
  navigator.locks
    .request(name, { signal }, async () => {
      if (signal.aborted) return;
      act();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    })
    .catch(() => undefined); // aborted while it waited
}

/** Comes with a file of its own, which a bad network may keep from us for a while. Undefined once it is too late. */
async function loadHosting(signal: AbortSignal): Promise<typeof HostingPart | undefined> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await import("./worker.ts");
    } catch (error) {
      reportError(error);
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt)));
    }
  }
  return undefined;
}
