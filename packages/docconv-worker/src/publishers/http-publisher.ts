/** Publishes through a push server's HTTP API: `POST <prefix>/messages`. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Message, parseMessage } from "push-protocol";
import type { Publisher } from "../announcer.ts";
import { DocconvError } from "../docconv-error.ts";

/** Options of {@link HttpPublisher}. */
export interface HttpPublisherOptions {
  /** The push server's prefix, such as `http://127.0.0.1:8070/push`. */
  readonly url: string;
  /** Its publishSecret. */
  readonly secret: string;
  /** Longest wait for one answer, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Waits between the attempts; a restart of the push server takes a second. */
const RETRY_DELAYS_MS = [250, 1000];

/** One request for each message; what may succeed later is tried three times. */
export class HttpPublisher implements Publisher {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();

  constructor({ url, secret, timeoutMs = 10_000 }: HttpPublisherOptions) {
    this.#url = `${url.replace(/\/+$/, "")}/messages`;
    this.#headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    this.#timeoutMs = timeoutMs;
  }

  /** @throws DocconvError `push-away`, retryable; `push-refused` */
  async publish(message: Message): Promise<void> {
    parseMessage(message); // what is wrong is said here, not by the other side
    // With an id the push server takes it once, however often it is sent.
    const body = JSON.stringify({ ...message, id: message.id ?? randomUUID() });
    for (const delayMs of RETRY_DELAYS_MS) {
      try {
        await this.#send(body);
        return;
      } catch (error) {
        if (!(error instanceof DocconvError) || !error.retryable || this.#closing.signal.aborted) throw error;
        await delay(delayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
    await this.#send(body);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.resolve();
  }

  async #send(body: string): Promise<void> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#timeoutMs)]);
    let response: Response;
    try {
      response = await fetch(this.#url, { method: "POST", headers: this.#headers, body, signal });
      await response.arrayBuffer(); // the connection is free for the next one
    } catch (cause) {
      throw new DocconvError(
        "push-away",
        "The push server does not answer: check that it runs, and pushUrl.",
        {
          cause,
          retryable: true,
        },
      );
    }
    if (response.ok) return;
    const retryable = response.status >= 500 || response.status === 429;
    throw new DocconvError(
      retryable ? "push-away" : "push-refused",
      `The push server answered ${response.status}: check pushUrl, and that pushSecret is its publishSecret.`,
      { retryable },
    );
  }
}
