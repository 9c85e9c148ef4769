/** Topics: what a message is addressed to. Publishers name them, the server decides who holds them. */
import { ProtocolError } from "./protocol-error.ts";

/** `user:<id>`, `group:<id>`, `object:<path or uid>` or `all`. No white space: see {@link userTopic}. */
export type Topic = `user:${string}` | `group:${string}` | `object:${string}` | "all";

/** Longest topic, in UTF-16 code units. Plone paths stay far below it. */
export const MAX_TOPIC_LENGTH = 1024;

// White space and control characters separate topics in the log's `to` field, and would break logs.
const TOPIC = /^(?:all|(?:user|group|object):[^\s\p{Cc}]+)$/u;

/** The topic of one user. White space and `%` in the id are percent-encoded. */
export function userTopic(id: string): Topic {
  return `user:${encodeId(id)}`;
}

/** The topic of one group of the CMS. */
export function groupTopic(id: string): Topic {
  return `group:${encodeId(id)}`;
}

/** The topic of one object of the CMS, by path (`/workspace/plan.pdf`) or UID. */
export function objectTopic(pathOrUid: string): Topic {
  return `object:${encodeId(pathOrUid)}`;
}

/** The path or UID that an object topic names; undefined for every other topic. */
export function topicObject(topic: Topic): string | undefined {
  return topic.startsWith("object:") ? decodeId(topic.slice("object:".length)) : undefined;
}

/** Whether a client may ask for this topic. All others are given, never asked for. */
export function isSubscribable(topic: Topic): boolean {
  return topic.startsWith("object:");
}

/** @throws ProtocolError `invalid-topic` */
export function parseTopic(value: unknown): Topic {
  if (typeof value === "string" && value.length <= MAX_TOPIC_LENGTH && TOPIC.test(value))
    return value as Topic;
  throw new ProtocolError(
    "invalid-topic",
    `${describe(value)} is no topic: write user:<id>, group:<id>, object:<path or uid> or all, ` +
      `at most ${MAX_TOPIC_LENGTH} characters, white space percent-encoded.`,
  );
}

/** A `to` field: one topic or a list; duplicates removed. @throws ProtocolError `invalid-topic` */
export function parseTopics(value: unknown): readonly [Topic, ...Topic[]] {
  const [first, ...rest] = Array.isArray(value) ? [...new Set(value)] : [value];
  return [parseTopic(first), ...rest.map(parseTopic)];
}

function encodeId(id: string): string {
  return id.replaceAll(/[\s%\p{Cc}]/gu, (character) => encodeURIComponent(character));
}

function decodeId(id: string): string {
  return id.replaceAll(/(?:%[0-9A-F]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes; // not ours: an id that was never encoded
    }
  });
}

function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : `A value of type ${typeof value}`;
}
