/** From the log to the hub: checks each record, keeps it in the retained window, sends it on. */
import { ProtocolError, type Cursor, type Topic } from "push-protocol";
import type { Hub } from "./hub.ts";
import type { LogFollower, LogRecord } from "./log.ts";
import { readLogEntry, type LogEntry } from "./log-entry.ts";
import { errorFields, type Logger } from "./logger.ts";
import type { PushMetrics } from "./metrics.ts";
import type { Relayed, RetainedWindow } from "./retained-window.ts";

export interface RelayOptions {
  readonly window: RetainedWindow;
  readonly hub: Hub;
  readonly logger: Logger;
  readonly metrics: PushMetrics;
  /** The connections that hold one of these topics are to be closed: their user's were closed on request. */
  readonly closeHolders: (topics: readonly string[]) => void;
  /** Live connections may have missed something: those that hold the topic, or all. */
  readonly missed: (topic: Topic | undefined) => void;
}

export class Relay implements LogFollower {
  readonly #options: RelayOptions;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  records(records: readonly LogRecord[]): void {
    let batch: Relayed[] = [];
    for (const record of records) {
      if (record.control === "close-connections") {
        // What came before it goes out before it.
        this.#send(batch);
        batch = [];
        this.#options.window.skip(record.cursor);
        this.#options.closeHolders(record.to.split(" "));
        continue;
      }
      const relayed = this.#read(record);
      if (relayed) batch.push(relayed);
    }
    this.#send(batch);
  }

  gap(upTo: Cursor, topic?: Topic): void {
    this.#options.window.gap(upTo, topic);
    this.#options.missed(topic);
  }

  #send(batch: readonly Relayed[]): void {
    if (batch.length > 0) this.#options.metrics.delivered(this.#options.hub.relay(batch));
  }

  #read(record: LogRecord): Relayed | undefined {
    const { window, metrics, logger } = this.#options;
    if (record.control !== undefined) {
      window.skip(record.cursor); // the log's own affair, or a later version's
      return undefined;
    }
    let entry: LogEntry;
    try {
      entry = readLogEntry(record);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      window.skip(record.cursor);
      metrics.recordRead("invalid");
      logger.warn(
        { cursor: record.cursor, ...errorFields(error) },
        "A record of the message log is no message.",
      );
      return undefined;
    }
    const topics = window.add(entry);
    metrics.recordRead(topics.length > 0 ? "relayed" : "superseded");
    return topics.length > 0 ? { entry, topics } : undefined;
  }
}
