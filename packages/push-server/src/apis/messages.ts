/** `POST <prefix>/messages`: publishing over HTTP, one message or a list. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { parseMessage, ProtocolError, type AddressedMessage, type Cursor } from "push-protocol";
import type { Publishing } from "../publishing.ts";
import { Refusal } from "../refusal.ts";
import type { BearerSecret } from "./bearer-secret.ts";
import { readBody } from "./request-body.ts";

export interface MessagesApiOptions {
  readonly secret: BearerSecret;
  readonly publishing: Publishing;
  readonly maxBytes: number;
}

/**
 * Answers 200 `{"cursors": [...]}` when all are in the log. Publishing again with the same ids, after whatever
 * failure, publishes none twice.
 * @throws Refusal, PublishError
 */
export async function postMessages(
  { secret, publishing, maxBytes }: MessagesApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  secret.check(request);
  const messages = parseMessages(await readBody(request, maxBytes));
  const cursors = await appendAll(publishing, messages);
  const body = `${JSON.stringify({ cursors })}\n`;
  response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(body);
}

/** In their order. */
async function appendAll(
  publishing: Publishing,
  messages: readonly AddressedMessage[],
): Promise<readonly Cursor[]> {
  return await Promise.all(messages.map((message) => publishing.append(message)));
}

/** All or none: a list with one bad message publishes nothing. */
function parseMessages(text: string): readonly AddressedMessage[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, "invalid-message", "The body is not JSON: send a message, or a list of messages.");
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((message, index) => {
    try {
      return parseMessage(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new Refusal(400, error.code, `Message ${index + 1} of ${list.length}: ${error.message}`);
    }
  });
}
