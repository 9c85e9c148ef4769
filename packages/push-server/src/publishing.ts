/** From a publisher into the log: the server's own `publish`, and the HTTP API's. */
import { randomUUID } from "node:crypto";
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
    if (known !== undefined) return known;
    // With an id it is relayed once even if the log's driver has to send it twice.
    const message = JSON.stringify(body.id === undefined ? { id: randomUUID(), ...body } : body);
    return await this.#log.append({ to: to.join(" "), message });
  }
}
