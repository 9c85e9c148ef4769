/** Messages: what publishers hand to the relay. PROTOCOL.md has the table of fields. */
import { ProtocolError } from "./protocol-error.ts";
import { parseTopics, type Topic } from "./topic.ts";

/** Largest message as JSON, in UTF-8 bytes. Larger content goes by `url`. */
export const MAX_MESSAGE_BYTES = 65_536;

/** The part of a message that travels to the browser: everything but the recipients. */
export interface MessageBody {
  /** A snippet of HTML to inject. */
  readonly html?: string;
  /** Where the page fetches the snippet. */
  readonly url?: string;
  /** A push-id: fires Patternslib's `push` event in the page. */
  readonly marker?: string;
  /** What of the snippet is injected, in pat-inject's grammar. Without it the snippet's own attributes decide. */
  readonly source?: string;
  /** Where it is injected, in pat-inject's grammar. Without it the snippet's own attributes decide. */
  readonly target?: string;
  /** Idempotency key; the log assigns one where it is absent. */
  readonly id?: string;
  /** `progress`, `done`, `failed`, `notification`, or the publisher's own word. */
  readonly kind?: string;
  /** What this message is the state of. A later version of the same key supersedes an earlier one. */
  readonly key?: string;
  /** Orders the messages of one key; integer. Without it the log's order counts. */
  readonly version?: number;
  /** The publisher's own fields travel on untouched. */
  readonly [extra: string]: unknown;
}

/** A message as a publisher writes it. */
export interface Message extends MessageBody {
  /** Recipients; decided by the publisher, resolved by the server. */
  readonly to: Topic | readonly [Topic, ...Topic[]];
}

/** A checked message: recipients apart from what the browser gets. */
export interface AddressedMessage {
  readonly to: readonly [Topic, ...Topic[]];
  readonly body: MessageBody;
}

const TEXT_FIELDS = ["html", "url", "marker", "source", "target", "id", "kind", "key"] as const;

/**
 * Checks what a publisher sent and takes the recipients off it.
 * @throws ProtocolError `invalid-message` or `invalid-topic`
 */
export function parseMessage(value: unknown): AddressedMessage {
  if (!isObject(value))
    throw invalid("A message is a JSON object with `to` and one of `html`, `url`, `marker`.");
  const { to, ...body } = value;
  return { to: parseTopics(to), body: parseMessageBody(body) };
}

/**
 * Checks a message without its recipients.
 * @param known what it travels as, if there is that already: then nearly no message is written again
 * @throws ProtocolError `invalid-message`
 */
export function parseMessageBody(value: unknown, known?: string): MessageBody {
  if (!isObject(value)) throw invalid("The body of a message is a JSON object.");
  for (const field of TEXT_FIELDS) {
    if (value[field] !== undefined && typeof value[field] !== "string")
      throw invalid(`\`${field}\` must be a string.`);
  }
  if (value["version"] !== undefined && !Number.isSafeInteger(value["version"])) {
    throw invalid("`version` must be an integer.");
  }
  const { html, url, marker } = value;
  if (Number(html !== undefined) + Number(url !== undefined) + Number(marker !== undefined) !== 1) {
    throw invalid("Give exactly one of `html`, `url` and `marker`.");
  }
  const json = known !== undefined && isFlat(value) ? known : toJson(value);
  // A UTF-16 unit is at most three bytes of UTF-8, so nearly every message need not be counted.
  const bytes = json.length * 3 <= MAX_MESSAGE_BYTES ? json.length : utf8Length(json);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw invalid(
      `It is ${bytes} bytes, and ${MAX_MESSAGE_BYTES} is the most: send a \`url\` and let the page fetch it.`,
    );
  }
  return value;
}

/** What can be read need not be writable: JSON.parse goes deeper than JSON.stringify. */
function toJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw invalid("its fields are nested too deeply.");
  }
}

/** Nothing in it can be nested too deeply. */
function isFlat(value: Record<string, unknown>): boolean {
  for (const field in value) if (typeof value[field] === "object") return false;
  return true;
}

function invalid(text: string): ProtocolError {
  return new ProtocolError("invalid-message", `Not a message: ${text}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Bytes of a well-formed string in UTF-8; neither TextEncoder nor Buffer belongs to the language alone. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    if (codePoint > 0x7_ff) bytes += 2; // three bytes for one unit, four for two
    else if (codePoint > 0x7f) bytes += 1;
  }
  return bytes;
}
