/** An answer that goes on and on, read piece by piece, for tests. */
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";
import type { Knock } from "./knock.ts";

export class TestStream {
  readonly #sent: ClientRequest;
  readonly response: IncomingMessage;
  #text = "";
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#sent = sent;
    this.response = response;
    const wake = (): void => this.#wake?.();
    response.on("data", (data: Buffer) => {
      this.#text += data.toString();
      wake();
    });
    response.on("close", () => {
      this.#ended = true;
      wake();
    });
    response.on("error", () => undefined);
  }

  static async open({ port, method, path, headers }: Knock): Promise<TestStream> {
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
    sent.on("error", () => undefined);
    onTestFinished(() => {
      sent.destroy();
    });
    const response = new Promise<IncomingMessage>((resolve) => {
      sent.on("response", resolve);
    });
    sent.end();
    return new TestStream(sent, await response);
  }

  /** The next piece, up to and with this; what there is left if it ended before. */
  async read(until = "\n"): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf(until);
      if (end >= 0 || this.#ended) return this.#take(end >= 0 ? end + until.length : this.#text.length);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  hangUp(): void {
    this.#sent.destroy();
  }

  #take(length: number): string {
    const piece = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return piece;
  }
}
