/** A stretch of network that tests can break: a TCP proxy that cuts, or swallows, what goes through it. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export class TestNetwork {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: "up" | "cut" | "silent" = "up";

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      if (this.#state === "cut") {
        near.destroy();
        return;
      }
      const far = connect(targetPort, "127.0.0.1");
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket
          .on("error", () => undefined)
          .on("close", () => {
            this.#sockets.delete(socket);
            near.destroy();
            far.destroy();
          });
      }
      near.on("data", (data) => this.#pass(data, far));
      far.on("data", (data) => this.#pass(data, near));
    });
  }

  static async to(targetPort: number): Promise<TestNetwork> {
    const network = new TestNetwork(targetPort);
    await new Promise<void>((resolve) => {
      network.#server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => network.close());
    return network;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections break, and new ones are refused. */
  cut(): void {
    this.#state = "cut";
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections stay, and nothing arrives: what is sent now never will. */
  silence(): void {
    this.#state = "silent";
  }

  /** New connections work again; those that were silent stay broken. */
  restore(): void {
    for (const socket of this.#sockets) if (this.#state === "silent") socket.pause();
    this.#state = "up";
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(data: Buffer, to: Socket): void {
    if (this.#state === "up") to.write(data);
  }
}
