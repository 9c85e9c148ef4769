/** The object topics that a connection asks for, and how it asks again after a reconnect without a gap. */
import {
  compareCursors,
  MAX_HELLO_TOPICS,
  type ClientFrame,
  type Cursor,
  type HelloFrame,
  type Topic,
} from "push-protocol";

interface Subscription {
  /** Where its replay begins, until the server says that it is here; from then on the connection's cursor covers it. */
  cursor: Cursor | undefined;
}

export class Subscriptions {
  readonly #topics = new Map<Topic, Subscription>();

  /** The frame to send if the connection is open; undefined if it would bring nothing that is not asked for already. */
  add(topic: Topic, cursor?: Cursor): ClientFrame | undefined {
    const known = this.#topics.get(topic);
    if (!known) this.#topics.set(topic, { cursor });
    else if (cursor === undefined) return undefined;
    else if (known.cursor === undefined || compareCursors(cursor, known.cursor) < 0) known.cursor = cursor;
    return subscribeFrame(topic, cursor);
  }

  /** Whether the topic was asked for. */
  remove(topic: Topic): boolean {
    return this.#topics.delete(topic);
  }

  /** The replay for this topic has arrived. */
  confirm(topic: Topic): void {
    const subscription = this.#topics.get(topic);
    if (subscription) subscription.cursor = undefined;
  }

  /**
   * What a new connection says first. A topic whose replay never arrived, and begins before `cursor`, is asked
   * for on its own: the hello's cursor would skip it.
   */
  hello(cursor: Cursor | undefined): readonly [HelloFrame, ...ClientFrame[]] {
    const inHello: Topic[] = [];
    const apart: ClientFrame[] = [];
    for (const [topic, subscription] of this.#topics) {
      // Kept until it is confirmed: the connection may break again before, and its own cursor go on without the topic.
      const from = (subscription.cursor ??= cursor);
      const covered = from === undefined || (cursor !== undefined && compareCursors(from, cursor) >= 0);
      if (covered && inHello.length < MAX_HELLO_TOPICS) inHello.push(topic);
      else apart.push(subscribeFrame(topic, from));
    }
    const hello: HelloFrame = {
      type: "hello",
      ...(cursor === undefined ? {} : { cursor }),
      ...(inHello.length === 0 ? {} : { topics: inHello }),
    };
    return [hello, ...apart];
  }
}

function subscribeFrame(topic: Topic, cursor: Cursor | undefined): ClientFrame {
  return { type: "subscribe", topic, ...(cursor === undefined ? {} : { cursor }) };
}
