/** A page for tests: connects again whenever it is cut off, and keeps each message once, by its cursor. */
import { setTimeout as delay } from "node:timers/promises";
import { compareCursors, type Cursor } from "push-protocol";
import { onTestFinished } from "vitest";
import type { SockJsTransport, TestBrowser, TestSockJs } from "./test-browser.ts";

export class ReturningClient {
  readonly transport: SockJsTransport;
  /** What it got, in the order in which it came. */
  readonly markers: unknown[] = [];
  /** How often it was welcomed. */
  welcomes = 0;
  /** Whether it was ever told that something may be missing. */
  incomplete = false;
  readonly #browser: TestBrowser;
  #cursor: Cursor | undefined;
  #ended = false;

  constructor(browser: TestBrowser, transport: SockJsTransport) {
    this.#browser = browser;
    this.transport = transport;
    const staying = this.#stay();
    onTestFinished(async () => {
      this.#ended = true;
      await staying;
    });
  }

  async #stay(): Promise<void> {
    while (!this.#ended) {
      const client = this.#browser.sockJs(this.transport);
      const opened = await Promise.race([client.opened.then(() => true), client.closed.then(() => false)]);
      if (opened) await this.#listen(client);
      await delay(50); // so that a node that is gone is not asked all the time
    }
  }

  async #listen(client: TestSockJs): Promise<void> {
    client.send({ type: "hello", ...(this.#cursor !== undefined && { cursor: this.#cursor }) });
    let taken = 0;
    const take = (): void => {
      for (; taken < client.frames.length; taken += 1) this.#take(client, taken);
    };
    const ended = client.closed.then(() => true);
    let open = true;
    while (open && !this.#ended) {
      const came = client
        .until(() => client.frames.length > taken)
        .then(
          () => true,
          () => false,
        );
      open = await Promise.race([came, delay(200, true), ended.then(() => false)]);
      take();
    }
    client.socket.close();
  }

  #take(client: TestSockJs, index: number): void {
    const frame = client.frames[index];
    if (frame?.type === "welcome") {
      this.welcomes += 1;
      this.incomplete ||= !frame.recovered;
      this.#cursor ??= frame.cursor;
    }
    if (frame?.type !== "message" || compareCursors(frame.cursor, this.#cursor ?? "0-0") <= 0) return;
    this.#cursor = frame.cursor;
    this.markers.push(frame.message.marker);
  }
}
