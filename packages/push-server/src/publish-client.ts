/** Publishing to a push server in another process, over HTTP. */
import { randomUUID } from "node:crypto";
import { parseMessage, type Message } from "push-protocol";
import { PublishError, type Publisher } from "./publisher.ts";

export interface PublishClientOptions {
  /** The push server's prefix, as in `http://127.0.0.1:8080/push`. */
  readonly url: string;
  /** The push server's `publishSecret`. */
  readonly secret: string;
  /** How long one attempt may take, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Attempts in all; only what may succeed later is tried again. Default: 3. */
  readonly attempts?: number;
}

const RETRY_DELAY_MS = 250;

/** A message without an id gets one, so that trying again publishes it once. */
export function createPublishClient(options: PublishClientOptions): Publisher {
  const { timeoutMs = 10_000, attempts = 3 } = options;
  const url = `${options.url.replace(/\/+$/, "")}/messages`;
  const headers = { Authorization: `Bearer ${options.secret}`, "Content-Type": "application/json" };

  async function attempt(body: string): Promise<void> {
    let response: Response;
    try {
      response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMs) });
    } catch (cause) {
      throw new PublishError("log-unavailable", `The push server at ${url} does not answer.`, true, {
        cause,
      });
    }
    const text = await response.text();
    if (response.ok) return;
    const retryable = response.status >= 500 || response.status === 429;
    const code = retryable ? "log-unavailable" : "publish-refused";
    throw new PublishError(code, `The push server answered ${response.status}: ${remedy(text)}`, retryable);
  }

  return {
    async publish(message: Message): Promise<void> {
      parseMessage(message); // what is wrong is said here, not by the other side
      const body = JSON.stringify({ ...message, id: message.id ?? randomUUID() });
      for (let tried = 1; ; tried += 1) {
        try {
          await attempt(body);
          return;
        } catch (error) {
          if (!(error instanceof PublishError) || !error.retryable || tried >= attempts) throw error;
          await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * 2 ** tried));
        }
      }
    },
  };
}

/** The server's own sentence. */
function remedy(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : "it is no push server, or not at this URL.";
  } catch {
    return "it is no push server, or not at this URL.";
  }
}
