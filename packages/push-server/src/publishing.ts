/** From a publisher into the log: the server's own `publish`, and the HTTP API's. */
import { parseMessage, type AddressedMessage, type Cursor } from "push-protocol";
import type { MessageLog } from "./log.ts";
import type { RetainedWindow } from "./retained-window.ts";

export class Publishing {
  readonly #log: MessageLog;
  readonly #window: RetainedWindow;

  constructor(log: MessageLog, window: RetainedWindow) {
    this.#log = log;
    this.#window = window;
  }

  /** @throws ProtocolError, PublishError */
  async publish(message: unknown): Promise<Cursor> {
    return await this.append(parseMessage(message));
  }

  /** Where it is in the log; where it was before, if its id is still retained. @throws PublishError */
  async append({ to, body }: AddressedMessage): Promise<Cursor> {
    const known = body.id === undefined ? undefined : this.#window.find(body.id);
    return known ?? (await this.#log.append({ to: to.join(" "), message: JSON.stringify(body) }));
  }
}
