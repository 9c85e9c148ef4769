/** Frames: the units between browser and server, JSON over SockJS. PROTOCOL.md has their order and meaning. */
import { parseCursor, type Cursor } from "./cursor.ts";
import type { MessageBody } from "./message.ts";
import { ProtocolError } from "./protocol-error.ts";
import { parseTopic, type Topic } from "./topic.ts";

/** First frame of a client. With a cursor it asks for what came after it on all its topics. */
export interface HelloFrame {
  readonly type: "hello";
  readonly cursor?: Cursor;
  readonly topics?: readonly Topic[];
}
/** Asks for an object's topic; with a cursor, also for what came on it since. */
export interface SubscribeFrame {
  readonly type: "subscribe";
  readonly topic: Topic;
  readonly cursor?: Cursor;
}
export interface UnsubscribeFrame {
  readonly type: "unsubscribe";
  readonly topic: Topic;
}
export type ClientFrame = HelloFrame | SubscribeFrame | UnsubscribeFrame;

/** Answers hello. The messages that the client missed follow, from `cursor` on. */
export interface WelcomeFrame {
  readonly type: "welcome";
  /** The CMS's id of the user who is connected. */
  readonly user: string;
  /** Where the stream continues: the client's own cursor if it is recovered, else the first position after which nothing is missing. */
  readonly cursor: Cursor;
  /** False exactly when messages after the client's cursor may be missing. */
  readonly recovered: boolean;
}
export interface MessageFrame {
  readonly type: "message";
  readonly cursor: Cursor;
  /** Those of the message's topics that this connection holds: never another recipient's. */
  readonly topics: readonly Topic[];
  readonly message: MessageBody;
}
/** Answers subscribe, after the messages that were replayed for the topic. */
export interface SubscribedFrame {
  readonly type: "subscribed";
  readonly topic: Topic;
  readonly recovered: boolean;
}
/** The CMS does not show that object to this user, or no longer, or the topic cannot be asked for. */
export interface RefusedFrame {
  readonly type: "refused";
  readonly topic: Topic;
}
export type ServerFrame = WelcomeFrame | MessageFrame | SubscribedFrame | RefusedFrame;

/** Most topics that one hello may name. */
export const MAX_HELLO_TOPICS = 100;

/** Reads a client's frame. Unknown fields are ignored. @throws ProtocolError */
export function parseClientFrame(text: string): ClientFrame {
  const frame = parseObject(text);
  switch (frame["type"]) {
    case "hello":
      return {
        type: "hello",
        ...(frame["cursor"] === undefined ? {} : { cursor: parseCursor(frame["cursor"]) }),
        ...(frame["topics"] === undefined ? {} : { topics: parseHelloTopics(frame["topics"]) }),
      };
    case "subscribe":
      return {
        type: "subscribe",
        topic: parseTopic(frame["topic"]),
        ...(frame["cursor"] === undefined ? {} : { cursor: parseCursor(frame["cursor"]) }),
      };
    case "unsubscribe":
      return { type: "unsubscribe", topic: parseTopic(frame["topic"]) };
    default:
      throw new ProtocolError(
        "invalid-frame",
        "A client's frame has the type hello, subscribe or unsubscribe.",
      );
  }
}

/** Reads a server's frame; undefined for a type that this version does not know. @throws ProtocolError */
export function parseServerFrame(text: string): ServerFrame | undefined {
  const frame = parseObject(text);
  switch (frame["type"]) {
    case "welcome":
    case "message":
    case "subscribed":
    case "refused":
      return frame as unknown as ServerFrame; // the server is trusted: it wrote the page, too
    default:
      return undefined;
  }
}

/** A message frame around a body that is JSON already, so that a body is encoded once, by its publisher. */
export function encodeMessageFrame(cursor: Cursor, topics: readonly Topic[], bodyJson: string): string {
  return `{"type":"message","cursor":"${cursor}","topics":${JSON.stringify(topics)},"message":${bodyJson}}`;
}

function parseHelloTopics(value: unknown): readonly Topic[] {
  if (!Array.isArray(value) || value.length > MAX_HELLO_TOPICS) {
    throw new ProtocolError("invalid-frame", `\`topics\` is a list of at most ${MAX_HELLO_TOPICS} topics.`);
  }
  return value.map(parseTopic);
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError("invalid-frame", "A frame is a JSON object; this is not JSON.");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ProtocolError("invalid-frame", "A frame is a JSON object.");
}
