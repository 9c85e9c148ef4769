/** SockJS's HTTP transports, by the package `sockjs`, behind the gate: who may use a session, and how much waits in it. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { encodeCloseReason, type CloseReason } from "push-protocol";
import { createServer, type Connection as SockJsConnection } from "sockjs";
import type { EncodedFrame } from "../encoded-frame.ts";
import type { Logger } from "../logger.ts";
import type { SessionTransport } from "../route.ts";
import type { Transport, TransportListener, TransportName } from "../transport.ts";

export interface SockJsHttpOptions {
  readonly prefix: string;
  readonly maxBufferedBytes: number;
  /** A client that takes nothing of an answer for so long is cut off. */
  readonly maxStallMs: number;
  readonly heartbeatMs: number;
  readonly sessionTimeoutMs: number;
  /** Where the iframe page loads sockjs-client from. */
  readonly clientUrl: string;
  /** Bytes of one streaming response before the client is to ask for the next. */
  readonly responseLimitBytes: number;
  readonly logger: Logger;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A session that one user opened: nobody else's request reaches it. */
export class SockJsSession implements Transport {
  /** The id that the client chose. */
  readonly clientId: string;
  readonly userId: string;
  /** What `sockjs` knows it by. Its table is global to the process and keyed by this alone, so clients do not choose it. */
  readonly id: string = randomBytes(16).toString("hex");
  readonly #maxBufferedBytes: number;
  readonly #opened: (session: SockJsSession) => TransportListener;
  #listener: TransportListener | undefined;
  #connection: SockJsConnection | undefined;
  /** The response that takes frames now, if one is open. */
  #response: ServerResponse | undefined;
  /** What waits in `sockjs` for the next response. */
  #queuedBytes = 0;
  #refused = false;

  constructor(
    clientId: string,
    userId: string,
    maxBufferedBytes: number,
    opened: (session: SockJsSession) => TransportListener,
  ) {
    this.clientId = clientId;
    this.userId = userId;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#opened = opened;
  }

  /** `sockjs` has opened it. */
  connected(connection: SockJsConnection): void {
    this.#connection = connection;
    this.#listener = this.#opened(this);
    connection.on("data", (text: string) => this.#listener?.receive(text));
    connection.on("close", () => this.#listener?.gone());
  }

  /** A response that is to take frames; `serve` hands it to `sockjs`, which sends at once what waited. */
  attach(response: ServerResponse, serve: () => void): void {
    const taken = this.#response !== undefined && !this.#response.writableEnded;
    if (!taken) {
      this.#response = response;
      response.on("drain", () => this.#drained());
    }
    serve();
    if (taken) return;
    this.#queuedBytes = 0;
    this.#drained();
  }

  offer(frame: EncodedFrame): boolean {
    const waiting = this.#waitingBytes();
    if (waiting > 0 && waiting + frame.text.length > this.#maxBufferedBytes) {
      this.#refused = true;
      return false;
    }
    if (!this.#open()) this.#queuedBytes += frame.text.length;
    this.#connection?.write(frame.text);
    return true;
  }

  cork(): void {
    // Node's HTTP writes what one turn brings in one go
  }

  uncork(): void {
    // as above
  }

  heartbeat(): void {
    // `sockjs` sends its own
  }

  end(reason: CloseReason, delayMs?: number): void {
    // Typed as a string by @types/sockjs; the wire wants the number (sockjs-protocol, "test_closeSession").
    const code = reason.code as unknown as string;
    this.#connection?.close(code, encodeCloseReason(reason, delayMs));
  }

  #open(): boolean {
    return this.#response !== undefined && !this.#response.writableEnded;
  }

  #waitingBytes(): number {
    return this.#queuedBytes + (this.#response?.writableLength ?? 0);
  }

  #drained(): void {
    if (!this.#refused) return;
    this.#refused = false;
    this.#listener?.drained();
  }
}

export class SockJsHttp {
  readonly #options: SockJsHttpOptions;
  readonly #handler: Handler;
  /** By the id that the client chose. */
  readonly #sessions = new Map<string, SockJsSession>();
  /** By the id that `sockjs` knows. */
  readonly #opening = new Map<string, SockJsSession>();

  constructor(options: SockJsHttpOptions) {
    this.#options = options;
    const server = createServer({
      prefix: options.prefix,
      websocket: true, // said in `info`; its websocket route is never reached
      sockjs_url: options.clientUrl,
      heartbeat_delay: options.heartbeatMs,
      disconnect_delay: options.sessionTimeoutMs,
      response_limit: options.responseLimitBytes,
      log: (severity) => {
        // Its lines have URLs in them, and those have sessions.
        if (severity === "error") options.logger.error({}, "SockJS failed to answer a request.");
      },
    });
    server.on("connection", (connection) => this.#connected(connection));
    // @types/sockjs lacks `middleware`, which is the handler without installing itself on a server.
    this.#handler = (server as unknown as { middleware(): Handler }).middleware();
  }

  /** How many sessions there are, those included whose clients are yet to be told that they are closed. */
  get open(): number {
    return this.#sessions.size;
  }

  get(sessionId: string): SockJsSession | undefined {
    return this.#sessions.get(sessionId);
  }

  /** A new session under the id that the client chose. */
  create(
    sessionId: string,
    userId: string,
    opened: (session: SockJsSession) => TransportListener,
  ): SockJsSession {
    const session = new SockJsSession(sessionId, userId, this.#options.maxBufferedBytes, opened);
    this.#sessions.set(sessionId, session);
    this.#opening.set(session.id, session);
    return session;
  }

  /** A request of a session, after the gate. */
  serve(
    session: SockJsSession,
    transport: SessionTransport,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    request.url = `${this.#options.prefix}/0/${session.id}/${transport}`;
    response.setHeader("X-Accel-Buffering", "no"); // nginx would hold a streaming response back
    this.#cutOffWhenStalled(response);
    if (transport === "xhr_send") this.#handler(request, response);
    else session.attach(response, () => this.#handler(request, response));
  }

  /** What belongs to no session: greeting, info, iframe, and preflights. */
  serveStatic(request: IncomingMessage, response: ServerResponse): void {
    this.#handler(request, response);
  }

  /** While an answer goes on the connection's own bound holds; once it has ended, nobody looks at it any more. */
  #cutOffWhenStalled(response: ServerResponse): void {
    response.once("prefinish", () => {
      response.setTimeout(this.#options.maxStallMs, () => response.destroy());
    });
  }

  #connected(connection: SockJsConnection): void {
    // `sockjs` withholds the request; the URL is what serve() made of it.
    const id = connection.url.split("/").at(-2) ?? "";
    const session = this.#opening.get(id);
    this.#opening.delete(id);
    if (!session) {
      connection.close();
      return;
    }
    connection.on("close", () => this.#sessions.delete(session.clientId));
    session.connected(connection);
  }
}

/** The names that connections count under. */
export const TRANSPORT_NAMES: Readonly<Record<SessionTransport, TransportName>> = {
  xhr: "xhr-polling",
  xhr_send: "xhr-polling",
  xhr_streaming: "xhr-streaming",
  eventsource: "eventsource",
};
