/** Cursors: positions in the message log, the same on every node, and in the order of the log. */
import { ProtocolError } from "./protocol-error.ts";

/** A Redis stream id, `<epoch ms>-<sequence>`. */
export type Cursor = `${number}-${number}`;

const CURSOR = /^(\d{1,16})(?:-(\d{1,16}))?$/;

/** Before every message. */
export const CURSOR_START: Cursor = "0-0";

/** Accepts `<ms>-<seq>` and the bare `<ms>` of a page's meta element. @throws ProtocolError `invalid-cursor` */
export function parseCursor(value: unknown): Cursor {
  const match = typeof value === "string" ? CURSOR.exec(value) : null;
  if (match) return `${Number(match[1])}-${Number(match[2] ?? 0)}`;
  throw new ProtocolError(
    "invalid-cursor",
    `${typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : typeof value} is no cursor: ` +
      "write <epoch milliseconds>, or <epoch milliseconds>-<sequence> as the server sent it.",
  );
}

/** The position just before what is published at `epochMs`. */
export function cursorAt(epochMs: number): Cursor {
  return `${Math.max(0, Math.floor(epochMs))}-0`;
}

/** Milliseconds since the epoch at which the message at this cursor was published, by the log's clock. */
export function cursorTime(cursor: Cursor): number {
  return Number(cursor.slice(0, cursor.indexOf("-")));
}

/** Negative if `a` comes before `b`, 0 if they are the same, positive if it comes after. */
export function compareCursors(a: Cursor, b: Cursor): number {
  // Of numbers with as many digits the order of the texts is theirs; nearly all are.
  if (a.length === b.length && a.indexOf("-") === b.indexOf("-")) return a < b ? -1 : Number(a > b);
  const byTime = cursorTime(a) - cursorTime(b);
  return byTime === 0 ? sequence(a) - sequence(b) : byTime;
}

function sequence(cursor: Cursor): number {
  return Number(cursor.slice(cursor.indexOf("-") + 1));
}
