/** A checked record of the log: what the relay makes of what anybody may have written with XADD. */
import { MAX_MESSAGE_BYTES, parseMessageBody, parseTopics, ProtocolError } from "push-protocol";
import type { Cursor, Topic } from "push-protocol";
import type { LogRecord } from "./log.ts";

export interface LogEntry {
  readonly cursor: Cursor;
  readonly to: readonly Topic[];
  /** The message as JSON, with an `id`: travels on as it is. */
  readonly body: string;
  /** The publisher's idempotency key; undefined if it gave none. */
  readonly id: string | undefined;
  readonly key: string | undefined;
  readonly version: number | undefined;
  /** What it counts for in the budget of the retained window. */
  readonly bytes: number;
}

/** An entry's own objects, and its place in the indexes. */
const ENTRY_OVERHEAD_BYTES = 400;
/** Its place among the messages of one topic. */
const RECIPIENT_OVERHEAD_BYTES = 32;

/** @throws ProtocolError `invalid-message` or `invalid-topic` */
export function readLogEntry(record: LogRecord): LogEntry {
  const text = record.message ?? "";
  // Checked before parsing; in UTF-16 units, of which UTF-8 has at least as many bytes.
  if (text.length > MAX_MESSAGE_BYTES) {
    throw new ProtocolError("invalid-message", "Not a message: it is longer than a message may be.");
  }
  const { id, key, version } = parseMessageBody(parseJson(text), text);
  const body = id === undefined ? `{"id":"${record.cursor}",${text.slice(text.indexOf("{") + 1)}` : text;
  const to = parseTopics(record.to.trim().split(/\s+/));
  return {
    cursor: record.cursor,
    to,
    body,
    id,
    key,
    version,
    bytes: body.length + ENTRY_OVERHEAD_BYTES + record.to.length + to.length * RECIPIENT_OVERHEAD_BYTES,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError("invalid-message", "Not a message: the field `message` is not JSON.");
  }
}
