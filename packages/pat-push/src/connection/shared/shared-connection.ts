/**
 * One connection for all tabs of a browser: the tab that holds a Web Lock is the hub and has the socket, the others
 * speak with it over a BroadcastChannel. When it is closed, the lock goes to the next at once.
 */
import { compareCursors, topicObject, type Cursor, type ServerFrame, type Topic } from "push-protocol";
import type { Connection, ConnectionEvents, ConnectionOptions, ConnectionState } from "../connection.ts";
import { later } from "../seen-cursors.ts";
import { Hub } from "./hub.ts";
import { ALL, type FromHub, type ToHub } from "./tab-message.ts";

interface Envelope {
  readonly to: string;
  readonly from: string;
  readonly message: ToHub | FromHub;
}

const HUB = "hub";

/** Whether this browser, and this page's context, can share. */
export function canShare(): boolean {
  return "locks" in navigator && "BroadcastChannel" in globalThis;
}

export class SharedConnection implements Connection {
  readonly #id: string = crypto.randomUUID();
  readonly #options: ConnectionOptions;
  readonly #user: string;
  readonly #events: ConnectionEvents;
  readonly #name: string;
  /** Topics, and where their replays begin until they are here. */
  readonly #topics = new Map<Topic, Cursor | undefined>();
  #cursor: Cursor | undefined;
  /** Where this tab's stream began: others may ask for what came before. */
  #start: Cursor | undefined;
  #state: ConnectionState = "waiting";
  #channel: BroadcastChannel | undefined;
  #hub: Hub | undefined;
  /** Gives back the locks. */
  #membership: AbortController | undefined;

  /** @param user only tabs of the same user share */
  constructor(options: ConnectionOptions, user: string, events: ConnectionEvents) {
    this.#options = options;
    this.#user = user;
    this.#events = events;
    this.#cursor = this.#start = options.cursor;
    this.#name = `pat-push ${options.url} ${user}`;
    this.#enter();
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
    else this.#enter();
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

  #enter(): void {
    const membership = (this.#membership = new AbortController());
    this.#setState("connecting");
    const channel = (this.#channel = new BroadcastChannel(this.#name));
    channel.addEventListener("message", ({ data }: MessageEvent<Envelope>) => this.#read(data));
    // Held for as long as this tab is there: the hub notices by it when the tab is gone, however that came.
    hold(`${this.#name} ${this.#id}`, membership.signal, () => this.#join());
    hold(this.#name, membership.signal, () => this.#becomeHub());
  }

  #becomeHub(): void {
    const hub = new Hub(this.#options.url, this.#user, (to, message) => {
      this.#channel?.postMessage({ to, from: HUB, message } satisfies Envelope);
      if (to === ALL || to === this.#id) this.#fromHub(message);
    });
    this.#hub = hub;
    this.#channel?.postMessage({ to: ALL, from: HUB, message: { type: "hub" } } satisfies Envelope);
    this.#join();
  }

  #join(): void {
    const topics = [...this.#topics].map(([topic, from]) => [topic, from ?? this.#cursor] as const);
    this.#toHub({ type: "join", cursor: this.#cursor, topics });
  }

  #read({ to, from, message }: Envelope): void {
    if (to === HUB) this.#atHub(from, message as ToHub);
    else if (to === ALL || to === this.#id) this.#fromHub(message as FromHub);
  }

  #atHub(tab: string, message: ToHub): void {
    const { signal } = this.#membership ?? {};
    if (!this.#hub || !signal) return;
    this.#hub.receive(tab, message);
    if (message.type === "join") hold(`${this.#name} ${tab}`, signal, () => this.#hub?.drop(tab), true);
  }

  #toHub(message: ToHub): void {
    if (this.#hub) this.#hub.receive(this.#id, message);
    else this.#channel?.postMessage({ to: HUB, from: this.#id, message } satisfies Envelope);
  }

  #fromHub(message: FromHub): void {
    if (!this.#membership) return;
    if (message.type === "hub") this.#join();
    else if (message.type === "state") this.#setState(message.state);
    else if (this.#isForUs(message.frame)) this.#take(message.frame);
  }

  /** What came for an object that only other tabs show is theirs, and so is what came before this tab. */
  #isForUs(frame: ServerFrame): boolean {
    if (frame.type === "subscribed" || frame.type === "refused") return this.#topics.has(frame.topic);
    if (frame.type === "welcome") return true;
    if (this.#start !== undefined && compareCursors(frame.cursor, this.#start) <= 0) return false;
    return frame.topics.some((topic) => topicObject(topic) === undefined || this.#topics.has(topic));
  }

  #take(frame: ServerFrame): void {
    if (frame.type === "message") this.#cursor = later(frame.cursor, this.#cursor);
    else if (frame.type === "subscribed") this.#topics.set(frame.topic, undefined);
    else if (frame.type === "welcome") {
      this.#start ??= frame.cursor;
      if (!frame.recovered || this.#cursor === undefined) this.#cursor = frame.cursor;
    }
    this.#events.onFrame(frame);
  }

  async #leave(): Promise<void> {
    this.#toHub({ type: "leave" });
    const closing = this.#hub?.close();
    this.#hub = undefined;
    this.#membership?.abort();
    this.#membership = undefined;
    this.#channel?.close();
    this.#channel = undefined;
    await closing;
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state || this.#state === "stopped" || this.#state === "closed") return;
    this.#state = state;
    this.#events.onState(state);
  }
}

/** Waits for a lock, acts, and holds it until the signal, or not at all. */
function hold(name: string, signal: AbortSignal, act: () => void, release = false): void {
  navigator.locks
    .request(name, { signal }, async () => {
      if (signal.aborted) return;
      act();
      if (!release) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    })
    .catch(() => undefined); // aborted while it waited
}
