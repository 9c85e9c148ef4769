/** Frames on their way to the server, no faster than it takes them: more at once would end the connection (4029). */
import type { ClientFrame } from "push-protocol";

/** Half of what push-server takes by default. */
const MAX_PER_SECOND = 25;

export class Outgoing {
  readonly #send: (text: string) => void;
  readonly #waiting: ClientFrame[] = [];
  #sentThisSecond = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  send(...frames: readonly ClientFrame[]): void {
    this.#waiting.push(...frames);
    this.#flush();
  }

  /** The connection is gone, and with it what waited: the next one begins with everything anew. */
  clear(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#sentThisSecond = 0;
  }

  #flush(): void {
    while (this.#sentThisSecond < MAX_PER_SECOND) {
      const frame = this.#waiting.shift();
      if (!frame) break;
      this.#sentThisSecond += 1;
      this.#send(JSON.stringify(frame));
    }
    this.#timer ??= setInterval(() => this.#nextSecond(), 1000);
  }

  #nextSecond(): void {
    this.#sentThisSecond = 0;
    if (this.#waiting.length > 0) return this.#flush();
    clearInterval(this.#timer);
    this.#timer = undefined;
    return undefined;
  }
}
