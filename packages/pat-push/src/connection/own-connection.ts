/** A connection with a socket of its own: opens it, greets, comes back after every loss with the last cursor. */
import {
  CLOSE,
  closeAction,
  compareCursors,
  parseServerFrame,
  type CloseAction,
  type Cursor,
  type ServerFrame,
  type Topic,
} from "push-protocol";
import { backoffMs } from "./backoff.ts";
import type { ConnectionEvents, ConnectionState } from "./connection.ts";
import { askGate } from "./gate.ts";
import { Outgoing } from "./outgoing.ts";
import { later } from "./seen-cursors.ts";
import type { OpenSocket, PushSocket } from "./socket.ts";
import { openSockJS } from "./sockets/sockjs.ts";
import { openWebSocket } from "./sockets/websocket.ts";
import { Subscriptions } from "./subscriptions.ts";

/** From the first byte to the welcome, in milliseconds: the gate may be waiting for the CMS. */
const HANDSHAKE_MS = 20_000;
/** A connection that was silent for so long is taken for dead; SockJS's heartbeat comes every 25 s. */
const SILENCE_MS = 60_000;
/** The same when the page wakes: a computer that slept has lost its connections without being told. */
const SILENCE_AT_WAKE_MS = 30_000;

/** Signed out, and woken again and again: how often the gate is asked. */
const MIN_LOOK_MS = 2000;
/** A connection that was open for so long was a good one, in milliseconds: the next attempt is a first one again. */
const GOOD_MS = 5000;

export interface OwnConnectionOptions {
  /** The push server's prefix: an absolute http(s) URL without a slash at its end. */
  readonly url: string;
  /** Where the replay begins. */
  readonly cursor: Cursor | undefined;
}

export class OwnConnection {
  readonly #options: OwnConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #subscriptions = new Subscriptions();
  readonly #outgoing = new Outgoing((text) => this.#socket?.send(text));
  /** The attempt, or the open connection, that is under way; aborted with its socket. */
  #current = new AbortController();
  #state: ConnectionState = "waiting";
  #cursor: Cursor | undefined;
  #socket: PushSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Failed attempts in a row. */
  #attempt = 0;
  /** Whether the server has been told where the replay begins. */
  #greeted = false;
  #welcomedAt = Number.NaN;
  #heardAt = 0;
  /** The server asked to be left alone until then. */
  #notBefore = 0;
  #open: OpenSocket = openWebSocket;

  constructor(options: OwnConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#cursor = options.cursor;
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  subscribe(topic: Topic, cursor?: Cursor): void {
    const frame = this.#subscriptions.add(topic, cursor);
    if (frame && this.#state === "open") this.#outgoing.send(frame);
  }

  unsubscribe(topic: Topic): void {
    if (this.#subscriptions.remove(topic) && this.#state === "open")
      this.#outgoing.send({ type: "unsubscribe", topic });
  }

  wake(): void {
    const now = Date.now();
    if (this.#state === "open" && now - this.#heardAt > SILENCE_AT_WAKE_MS) this.#retry();
    else if (this.#state === "waiting" && now >= this.#notBefore) this.#connect();
    else if (this.#state === "signed-out" && now >= this.#notBefore) void this.#lookForSession();
  }

  /** Somebody needs what came before what this connection asked for: begins anew from there. */
  rewind(cursor: Cursor): void {
    if (this.#cursor !== undefined && compareCursors(cursor, this.#cursor) >= 0) return;
    this.#cursor = cursor;
    if (this.#greeted) this.renew();
  }

  /** Begins anew at once, with the cookie that the browser has now. */
  renew(): void {
    this.#dropSocket();
    this.#connect();
  }

  close(): Promise<void> {
    this.#dropSocket();
    clearTimeout(this.#timer);
    this.#setState("closed");
    return Promise.resolve();
  }

  #connect(): void {
    clearTimeout(this.#timer);
    this.#setState("connecting");
    let opened = false;
    this.#timer = setTimeout(() => this.#retry(), HANDSHAKE_MS);
    this.#socket = this.#open(this.#options.url, {
      onOpen: () => {
        opened = this.#greeted = true;
        this.#outgoing.send(...this.#subscriptions.hello(this.#cursor));
      },
      onText: (text) => this.#read(text),
      onHeartbeat: () => {
        this.#heardAt = Date.now();
      },
      onClose: (code, reason) => {
        this.#dropSocket();
        // A session may have ended because it was renewed: the browser has another cookie by now.
        if (!opened || code === CLOSE.sessionExpired.code) return void this.#askWhy(opened);
        const { action, delayMs } = closeAction(code, reason);
        return this.#act(action, delayMs);
      },
    });
  }

  #read(text: string): void {
    this.#heardAt = Date.now();
    const frame = readFrame(text);
    if (!frame) return;
    if (frame.type === "welcome") this.#welcome(frame.cursor, frame.recovered);
    else if (frame.type === "message") this.#cursor = later(frame.cursor, this.#cursor);
    else if (frame.type === "subscribed") this.#subscriptions.confirm(frame.topic);
    this.#events.onFrame(frame);
  }

  #welcome(cursor: Cursor, recovered: boolean): void {
    this.#welcomedAt = Date.now();
    if (!recovered || this.#cursor === undefined) this.#cursor = cursor;
    this.#setState("open");
    clearTimeout(this.#timer);
    this.#watch(SILENCE_MS);
  }

  #watch(ms: number): void {
    this.#timer = setTimeout(() => {
      const left = this.#heardAt + SILENCE_MS - Date.now();
      if (left <= 0) this.#retry();
      else this.#watch(left);
    }, ms);
  }

  /** Before a connection was open, only the gate can say why it failed. */
  async #askWhy(opened: boolean): Promise<void> {
    const { signal } = this.#current;
    const { action, delayMs, passed } = await askGate(this.#options.url, signal);
    if (signal.aborted) return;
    if (passed && !opened) this.#open = this.#open === openWebSocket ? openSockJS : openWebSocket;
    this.#act(action, delayMs);
  }

  /** Somebody may have logged in, in another tab. */
  async #lookForSession(): Promise<void> {
    this.#notBefore = Date.now() + MIN_LOOK_MS;
    const { signal } = this.#current;
    const { passed } = await askGate(this.#options.url, signal);
    if (passed && !signal.aborted && this.#state === "signed-out") this.#connect();
  }

  #act(action: CloseAction, delayMs: number): void {
    clearTimeout(this.#timer);
    switch (action) {
      case "stop":
        return this.#setState("stopped");
      case "sign-in":
        return this.#setState("signed-out");
      case "wait":
        this.#notBefore = Date.now() + delayMs;
        return this.#waitFor(delayMs);
      case "reconnect":
        return this.#waitFor(backoffMs(this.#attempt++));
    }
  }

  #waitFor(ms: number): void {
    this.#setState("waiting");
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  #retry(): void {
    this.#dropSocket();
    this.#act("reconnect", 0);
  }

  #dropSocket(): void {
    this.#current.abort();
    this.#current = new AbortController();
    this.#outgoing.clear();
    this.#socket?.close();
    this.#socket = undefined;
    this.#greeted = false;
    if (Date.now() - this.#welcomedAt > GOOD_MS) this.#attempt = 0;
    this.#welcomedAt = Number.NaN;
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.onState(state);
  }
}

/** A frame that cannot be read is the server's fault, and no reason to miss those behind it. */
function readFrame(text: string): ServerFrame | undefined {
  try {
    return parseServerFrame(text);
  } catch (error) {
    reportError(error);
    return undefined;
  }
}
