/** Publishes into the Redis Stream that push servers read (PROTOCOL.md, "Publishing"). */
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { type Message, parseMessage } from "push-protocol";
import type { Publisher } from "../announcer.ts";
import { DocconvError } from "../docconv-error.ts";
import type { Logger } from "../logger.ts";

/** How long Redis may be away before a publisher is told that it is. */
const PATIENCE_MS = 5000;

/** Options of {@link RedisPublisher}. */
export interface RedisPublisherOptions {
  readonly url: string;
  /** The stream, such as `push:log`. */
  readonly key: string;
  readonly logger: Logger;
}

/** One XADD for each message. */
export class RedisPublisher implements Publisher {
  readonly #redis: Redis;
  readonly #key: string;

  constructor({ url, key, logger }: RedisPublisherOptions) {
    this.#key = key;
    this.#redis = new Redis(url, {
      maxRetriesPerRequest: null,
      commandTimeout: PATIENCE_MS,
      retryStrategy: (attempt) => Math.min(100 * attempt, 1000),
    });
    this.#redis.on("error", (error: Error) =>
      logger.warn({ error: error.message }, "The message log is away"),
    );
  }

  async publish(message: Message): Promise<void> {
    const { to, body } = parseMessage(message);
    // With an id it is relayed once, even if the driver has to send it twice.
    const text = JSON.stringify({ id: randomUUID(), ...body });
    try {
      await this.#redis.xadd(this.#key, "*", "to", to.join(" "), "message", text);
    } catch (cause) {
      throw new DocconvError("push-away", "Redis did not take a message: check that it runs, and redisUrl.", {
        cause,
        retryable: true,
      });
    }
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    await Promise.resolve();
  }
}
