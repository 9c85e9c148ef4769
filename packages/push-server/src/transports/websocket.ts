/** WebSockets, by `ws`: SockJS's framing spoken here, or none (`/websocket`). Frames leave as bytes encoded once. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { encodeCloseReason, type CloseReason } from "push-protocol";
import { WebSocket, WebSocketServer, type RawData, type Server } from "ws";
import { encodeWebSocketText, type EncodedFrame } from "../encoded-frame.ts";
import type { Transport, TransportListener } from "../transport.ts";

export interface WebSocketOptions {
  readonly maxFrameBytes: number;
  readonly maxBufferedBytes: number;
}

export type WebSocketFraming = "sockjs" | "raw";

/** How long the other side has to answer a close before it is cut off. */
const CLOSE_TIMEOUT_MS = 1500;
const OPEN_FRAME = encodeWebSocketText("o");
const PING_FRAME = Buffer.from([0x89, 0]);
/** SockJS's own for the page, which cannot see pings, and a ping that the browser answers by itself. */
const HEARTBEATS = { sockjs: Buffer.concat([encodeWebSocketText("h"), PING_FRAME]), raw: PING_FRAME };

/** Carries its transport, so that all sockets share one listener for each event. */
class CarryingWebSocket extends WebSocket {
  transport: WebSocketTransport | undefined = undefined;
  openSockets: OpenSockets | undefined = undefined;
}

interface OpenSockets {
  count: number;
}

export class WebSockets {
  readonly #options: WebSocketOptions;
  readonly #server: Server<typeof CarryingWebSocket>;
  readonly #openSockets: OpenSockets = { count: 0 };

  constructor(options: WebSocketOptions) {
    this.#options = options;
    // The type lacks closeTimeout, which `ws` has since 8.19.
    const serverOptions: object = { closeTimeout: CLOSE_TIMEOUT_MS };
    this.#server = new WebSocketServer<typeof CarryingWebSocket>({
      ...serverOptions,
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false, // frames are written past it
      maxPayload: options.maxFrameBytes,
      WebSocket: CarryingWebSocket,
    });
  }

  /** How many are open, those included that are closing. */
  get open(): number {
    return this.#openSockets.count;
  }

  /** Answers the handshake, well or with an HTTP error; `opened` is called in the first case. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    framing: WebSocketFraming,
    opened: (transport: WebSocketTransport) => TransportListener,
  ): void {
    socket.cork(); // the answer to the handshake and SockJS's open frame leave in one packet
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = new WebSocketTransport(webSocket, socket, framing, this.#options.maxBufferedBytes);
      webSocket.transport = transport;
      webSocket.on("message", onMessage).on("close", onClose).on("error", onError).on("pong", onPong);
      webSocket.openSockets = this.#openSockets;
      this.#openSockets.count += 1;
      if (framing === "sockjs") socket.write(OPEN_FRAME);
      transport.listener = opened(transport);
    });
    socket.uncork();
  }
}

export class WebSocketTransport implements Transport {
  listener: TransportListener | undefined;
  readonly framing: WebSocketFraming;
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #maxBufferedBytes: number;
  #answered = true;

  constructor(webSocket: WebSocket, socket: Duplex, framing: WebSocketFraming, maxBufferedBytes: number) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.framing = framing;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  offer(frame: EncodedFrame): boolean {
    const bytes = this.framing === "sockjs" ? frame.sockJs : frame.raw;
    const waiting = this.#socket.writableLength;
    if (waiting > 0 && waiting + bytes.length > this.#maxBufferedBytes) {
      // A ping behind what waits: it is written when the rest is.
      this.#socket.write(PING_FRAME, (error) => {
        if (!error) this.listener?.drained();
      });
      return false;
    }
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#socket.write(bytes);
    return true;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  end(reason: CloseReason, delayMs?: number): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    const text = encodeCloseReason(reason, delayMs);
    if (this.framing === "sockjs") {
      this.#socket.write(encodeWebSocketText(`c${JSON.stringify([reason.code, text])}`));
    }
    this.#webSocket.close(reason.code, text);
  }

  /** Cuts the peer off if nothing came since the last heartbeat. */
  heartbeat(): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    if (!this.#answered) {
      this.#webSocket.terminate();
      return;
    }
    this.#answered = false;
    if (this.#socket.writableLength === 0) this.#socket.write(HEARTBEATS[this.framing]);
  }

  alive(): void {
    this.#answered = true;
  }

  message(text: string): void {
    this.#answered = true;
    if (this.framing === "raw") {
      this.listener?.receive(text);
      return;
    }
    if (text === "") return; // sockjs-protocol, "test_empty_frame"
    for (const frame of parseSockJsMessages(text) ?? [undefined]) {
      if (frame === undefined) this.listener?.malformed();
      else this.listener?.receive(frame);
    }
  }
}

/** A JSON list of strings, or one string; undefined: malformed. */
function parseSockJsMessages(text: string): readonly string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
  return messages.every((message) => typeof message === "string") ? messages : undefined;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const { transport } = this as CarryingWebSocket;
  if (isBinary) transport?.listener?.malformed();
  else transport?.message((data as Buffer).toString());
}

function onPong(this: WebSocket): void {
  (this as CarryingWebSocket).transport?.alive();
}

function onClose(this: WebSocket): void {
  const { transport, openSockets } = this as CarryingWebSocket;
  if (openSockets) openSockets.count -= 1;
  transport?.listener?.gone();
}

function onError(): void {
  // `close` follows; what the peer broke is its own affair
}
