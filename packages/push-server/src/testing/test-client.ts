/** A browser's end of the protocol over a WebSocket without SockJS's framing, for tests. */
import { once } from "node:events";
import { parseServerFrame, type ClientFrame, type MessageFrame, type ServerFrame } from "push-protocol";
import { WebSocket, type ClientOptions } from "ws";

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class TestClient {
  readonly socket: WebSocket;
  /** All frames so far. */
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<Closed>;
  #waiting: { readonly enough: () => boolean; readonly resolve: () => void }[] = [];

  constructor(url: string, options: ClientOptions) {
    this.socket = new WebSocket(url, options);
    this.socket.on("message", (data: Buffer) => {
      const frame = parseServerFrame(data.toString());
      if (frame) this.frames.push(frame);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.socket.on("error", () => undefined);
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    return this;
  }

  send(frame: ClientFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  get messages(): readonly MessageFrame[] {
    return this.frames.filter((frame) => frame.type === "message");
  }

  /** The markers of the messages so far, in their order. */
  get markers(): readonly unknown[] {
    return this.messages.map(({ message }) => message.marker);
  }

  /** The first frame of this type, as soon as it is there. */
  async frame<T extends ServerFrame["type"]>(type: T): Promise<Extract<ServerFrame, { type: T }>> {
    await this.until(() => this.frames.some((frame) => frame.type === type));
    return this.frames.find((frame) => frame.type === type) as Extract<ServerFrame, { type: T }>;
  }

  /** Looks again with each frame that comes. Rejects if the connection closes before. */
  async until(enough: () => boolean): Promise<void> {
    if (enough()) return;
    const came = new Promise<void>((resolve) => {
      this.#waiting.push({ enough, resolve });
    });
    const closed = this.closed.then(({ code, reason }) => {
      throw new Error(`Closed with ${code} ${reason} before it came.`);
    });
    await Promise.race([came, closed]);
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.terminate();
    await this.closed;
  }

  #wake(): void {
    for (const waiting of this.#waiting) if (waiting.enough()) waiting.resolve();
    this.#waiting = this.#waiting.filter((waiting) => !waiting.enough());
  }
}
