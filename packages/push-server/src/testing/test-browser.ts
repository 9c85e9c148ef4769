/** A browser for sockjs-client in Node: a proxy that adds what a browser adds, the cookie and where the page is from. */
import {
  createServer,
  request as sendRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import SockJS from "sockjs-client";
import { parseServerFrame, type ClientFrame, type MessageFrame, type ServerFrame } from "push-protocol";

export type SockJsTransport = "websocket" | "xhr-streaming" | "eventsource" | "xhr-polling";

export class TestBrowser {
  readonly #server: Server;
  readonly #target: string;
  readonly #sockets = new Set<Duplex>();
  readonly #answers = new Set<ServerResponse>();
  user: string;
  /** There is no network: connections break as they begin. */
  offline = false;

  private constructor(target: string, user: string) {
    this.#target = target;
    this.user = user;
    this.#server = createServer((incoming, response) => {
      if (this.offline) {
        response.destroy();
        return;
      }
      this.#answers.add(response);
      const forwarded = sendRequest(this.#options(incoming), (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
        answer.on("close", () => response.end()); // cut off: see cut()
      });
      forwarded.on("error", () => response.destroy());
      response.on("close", () => {
        this.#answers.delete(response);
        forwarded.destroy();
      });
      incoming.pipe(forwarded);
    });
    this.#server.on("connection", (socket) => this.#remember(socket));
    this.#server.on("upgrade", (incoming, socket: Socket, head) => {
      if (this.offline) {
        socket.destroy();
        return;
      }
      const forwarded = sendRequest(this.#options(incoming));
      forwarded.on("upgrade", (answer, upstream, upstreamHead) => {
        this.#remember(upstream);
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(answer.rawHeaders)}\r\n`);
        upstream.unshift(upstreamHead);
        socket.unshift(head);
        upstream.pipe(socket).pipe(upstream);
      });
      forwarded.on("response", (answer) => socket.end(`HTTP/1.1 ${answer.statusCode} Refused\r\n\r\n`));
      forwarded.on("error", () => socket.destroy());
      forwarded.end();
    });
  }

  /** @param target origin of the site, as in `http://127.0.0.1:8080` */
  static async start(target: string, user: string): Promise<TestBrowser> {
    const browser = new TestBrowser(target, user);
    await new Promise<void>((resolve) => {
      browser.#server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => browser.close());
    return browser;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  sockJs(transport: SockJsTransport, path = "/push"): TestSockJs {
    const client = new TestSockJs(new SockJS(`${this.url}${path}`, undefined, { transports: [transport] }));
    onTestFinished(() => client.socket.close());
    return client;
  }

  /** The network breaks: whatever is open is cut off. A browser notices that of an answer, sockjs-client in Node only its end. */
  cut(): void {
    const answering = [...this.#answers].filter(({ headersSent }) => headersSent);
    for (const response of answering) response.end();
    const ending = new Set(answering.map(({ socket }) => socket));
    for (const socket of this.#sockets) if (!ending.has(socket as Socket)) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #options(incoming: IncomingMessage): object {
    const { hostname, port, host, origin } = new URL(this.#target);
    const sameOriginGet = incoming.method === "GET" && incoming.headers.upgrade === undefined;
    const added = sameOriginGet ? { "sec-fetch-site": "same-origin" } : { origin };
    const headers = { ...incoming.headers, host, cookie: `__ac=${this.user}`, ...added };
    return { hostname, port, path: incoming.url, method: incoming.method, headers, agent: false };
  }

  #remember(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }
}

/** sockjs-client, and the frames that came through it. */
export class TestSockJs {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #wake: (() => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.opened = new Promise((resolve) => {
      socket.onopen = () => resolve();
    });
    this.closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
    socket.onmessage = ({ data }) => {
      const frame = parseServerFrame(String(data));
      if (frame) this.frames.push(frame);
      for (const wake of this.#wake.splice(0)) wake();
    };
  }

  send(frame: ClientFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  get messages(): readonly MessageFrame[] {
    return this.frames.filter((frame) => frame.type === "message");
  }

  get markers(): readonly unknown[] {
    return this.messages.map(({ message }) => message.marker);
  }

  /** Looks again with each frame that comes. Rejects if the connection closes before. */
  async until(enough: () => boolean): Promise<void> {
    const closed = this.closed.then(({ code, reason }) => {
      throw new Error(`Closed with ${code} ${reason} before it came.`);
    });
    closed.catch(() => undefined); // it may close later, when nobody waits any more
    while (!enough()) {
      const came = new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
      await Promise.race([came, closed]);
    }
  }
}

function headerLines(raw: readonly string[]): string {
  let lines = "";
  for (let i = 0; i < raw.length; i += 2) lines += `${raw[i]}: ${raw[i + 1]}\r\n`;
  return lines;
}
