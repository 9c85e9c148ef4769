/** A WebSocket to this very server, as a browser has one, for the round trips of the status page. */
import { once } from "node:events";
import { parseServerFrame, type MessageFrame, type ServerFrame } from "push-protocol";
import { WebSocket } from "ws";

export interface StatusConnectionOptions {
  /** The prefix on this machine, as in `http://127.0.0.1:8070/push`. */
  readonly url: string;
  /** Of a page that may connect. */
  readonly origin: string;
  readonly cookie: string;
  readonly signal: AbortSignal;
}

/** The server did not let its own status page in. */
class StatusConnectionError extends Error {
  override readonly name = "StatusConnectionError";
  readonly code = "no-connection";
}

export class StatusConnection {
  readonly #socket: WebSocket;
  readonly #frames: ServerFrame[] = [];
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      const frame = parseServerFrame(data.toString());
      if (frame) this.#frames.push(frame);
      this.#wake();
    });
  }

  /** Resolves when it is welcomed. @throws StatusConnectionError */
  static async open({ url, origin, cookie, signal }: StatusConnectionOptions): Promise<StatusConnection> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/websocket`, {
      headers: { Cookie: cookie, Origin: origin },
    });
    signal.addEventListener("abort", () => socket.terminate());
    const connection = new StatusConnection(socket);
    try {
      await once(socket, "open", { signal });
    } catch (error) {
      // `ws` names the status of a refusal.
      const status = /\d{3}$/.exec(error instanceof Error ? error.message : "")?.[0];
      const why = status === undefined ? "did not answer" : `answered ${status}`;
      throw new StatusConnectionError(
        `This server ${why} when its own status page connected: see /readyz and the limits.`,
      );
    }
    socket.on("error", () => undefined); // `close` follows
    socket.send(JSON.stringify({ type: "hello" }));
    await connection.#find((frame) => frame.type === "welcome");
    return connection;
  }

  /** The first message that is meant, as soon as it is there. */
  async message(isMeant: (frame: MessageFrame) => boolean): Promise<MessageFrame> {
    return (await this.#find((frame) => frame.type === "message" && isMeant(frame))) as MessageFrame;
  }

  close(): void {
    this.#socket.close();
  }

  async #find(isMeant: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    for (;;) {
      const found = this.#frames.find(isMeant);
      if (found) return found;
      if (this.#socket.readyState !== WebSocket.OPEN) {
        throw new StatusConnectionError(
          "The connection of the status page was closed before its message came.",
        );
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.once("close", () => resolve());
      });
    }
  }
}
