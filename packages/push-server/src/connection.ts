/** One browser's connection: speaks PROTOCOL.md over any transport, between the hub and the wire. */
import {
  CLOSE,
  compareCursors,
  isSubscribable,
  parseClientFrame,
  ProtocolError,
  type CloseReason,
  type Cursor,
  type HelloFrame,
  type SubscribeFrame,
  type Topic,
} from "push-protocol";
import { encodeFrame, type EncodedFrame } from "./encoded-frame.ts";
import type { Hub } from "./hub.ts";
import type { Identity } from "./identity.ts";
import type { PushServerLimits } from "./limits.ts";
import { errorFields, type Logger } from "./logger.ts";
import type { PushMetrics } from "./metrics.ts";
import type { ObjectAccess } from "./object-access.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";
import type { RetainedWindow } from "./retained-window.ts";
import type { Transport, TransportListener, TransportName } from "./transport.ts";

/** What all connections of a server share, so that each one stays small. */
export interface ConnectionContext {
  readonly hub: Hub;
  readonly window: RetainedWindow;
  readonly access: ObjectAccess;
  readonly limits: PushServerLimits;
  readonly logger: Logger;
  readonly metrics: PushMetrics;
  now(): number;
  /** It is closed, or closing: it counts no more. Called once. */
  ended(connection: Connection): void;
}

/** How long a welcome waits for the CMS's answers about the object topics of its hello. */
const HELLO_PATIENCE_MS = 2000;
/** How long a client is told to wait that asked for too much. */
const LIMIT_DELAY_MS = 10_000;

export class Connection implements TransportListener, OutboxOwner {
  readonly name: TransportName;
  /** Tells connections apart that have to take turns. */
  readonly serial: number;
  readonly #context: ConnectionContext;
  readonly #transport: Transport;
  readonly #outbox: Outbox;
  readonly #openedAt: number;
  #identity: Identity;
  #state: "opened" | "greeting" | "welcomed" | "ended" = "opened";
  /** Object topics that it holds (true), or that the CMS is being asked about. */
  #objects: Map<Topic, boolean> | undefined;
  #corked = false;
  #frames = 0;

  constructor(
    context: ConnectionContext,
    identity: Identity,
    transport: Transport,
    name: TransportName,
    serial: number,
  ) {
    this.#context = context;
    this.#identity = identity;
    this.#transport = transport;
    this.name = name;
    this.serial = serial;
    this.#openedAt = context.now();
    this.#outbox = new Outbox(context.window, transport, this);
    identity.joined(this);
    for (const topic of identity.topics) context.hub.hold(this, topic);
  }

  get identity(): Identity {
    return this.#identity;
  }

  // From the browser.

  receive(text: string): void {
    if (this.#state === "ended") return;
    this.#frames += 1;
    if (this.#frames > this.#context.limits.maxFramesPerSecond) {
      this.end(CLOSE.limitExceeded, LIMIT_DELAY_MS);
      return;
    }
    try {
      const frame = parseClientFrame(text);
      if (frame.type === "hello") this.#hello(frame);
      else if (frame.type === "subscribe") this.#subscribe(frame);
      else this.#unsubscribe(frame.topic);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.malformed();
    }
  }

  malformed(): void {
    this.end(CLOSE.malformedFrame);
  }

  drained(): void {
    if (this.#state !== "ended") this.#outbox.drained();
  }

  gone(): void {
    this.#finish("gone");
  }

  // From the hub and the server.

  deliver(cursor: Cursor, frame: EncodedFrame): void {
    this.#outbox.deliver(cursor, frame);
  }

  /** True if it was not corked before, and is now. */
  cork(): boolean {
    if (this.#corked || !this.#outbox.live) return false;
    this.#corked = true;
    this.#transport.cork();
    return true;
  }

  uncork(): void {
    this.#corked = false;
    this.#transport.uncork();
  }

  /** Object topics that it holds. */
  *objectTopics(): Iterable<Topic> {
    for (const [topic, held] of this.#objects ?? []) if (held) yield topic;
  }

  /** The CMS does not show the topic's object any more. */
  withdraw(topic: Topic): void {
    if (this.#objects?.get(topic)) this.#outbox.send(this.#settle(topic, false, true));
  }

  /** The user's groups changed from these topics to those of the identity. */
  regrouped(before: readonly Topic[]): void {
    const { hub } = this.#context;
    for (const topic of before) hub.release(this, topic);
    for (const topic of this.#identity.topics) hub.hold(this, topic);
  }

  /** The same user, with another cookie. */
  moveTo(identity: Identity): void {
    if (this.#state === "ended") return;
    const before = this.#identity;
    before.left(this);
    this.#identity = identity;
    identity.joined(this);
    this.regrouped(before.topics);
  }

  end(reason: CloseReason, delayMs?: number): void {
    if (this.#finish(reason.name)) this.#transport.end(reason, delayMs);
  }

  heartbeat(): void {
    this.#transport.heartbeat();
  }

  /** Once a second. */
  sweep(now: number): void {
    this.#frames = 0;
    const { helloTimeoutMs, maxStallMs } = this.#context.limits;
    const stalledSince = this.#outbox.stalledSince;
    if (stalledSince !== undefined && now - stalledSince > maxStallMs) this.end(CLOSE.tooSlow);
    else if (this.#state === "opened" && now - this.#openedAt > helloTimeoutMs)
      this.#hello({ type: "hello" });
  }

  // To the outbox.

  *topics(): Iterable<Topic> {
    yield* this.#identity.topics;
    yield* this.objectTopics();
  }

  fellBehind(): void {
    this.end(CLOSE.tooSlow);
  }

  now(): number {
    return this.#context.now();
  }

  // The protocol.

  #hello(hello: HelloFrame): void {
    if (this.#state !== "opened") throw new ProtocolError("invalid-frame", "One hello for each connection.");
    this.#state = "greeting";
    const start = this.#context.window.end;
    const asked = hello.topics ?? [];
    if (asked.length === 0) {
      this.#welcome(hello.cursor, start, []);
      return;
    }
    const answers: EncodedFrame[] = [];
    const greeted = Promise.all(
      asked.map(async (topic) => {
        const may = await this.#ask(topic);
        if (may === undefined) return;
        if (this.#state === "welcomed") this.#answer(topic, may, hello.cursor ?? start);
        else answers.push(this.#settle(topic, may, true));
      }),
    );
    // The rest of the page does not wait for one slow object: its answer comes when it comes.
    const patience = setTimeout(() => this.#welcome(hello.cursor, start, answers), HELLO_PATIENCE_MS);
    void greeted.finally(() => {
      clearTimeout(patience);
      this.#welcome(hello.cursor, start, answers);
    });
  }

  #welcome(cursor: Cursor | undefined, start: Cursor, answers: readonly EncodedFrame[]): void {
    if (this.#state !== "greeting") return;
    this.#state = "welcomed";
    const { window, metrics } = this.#context;
    const recovered = cursor === undefined || window.isComplete(cursor, this.topics());
    if (cursor !== undefined) metrics.recovered(recovered ? "complete" : "incomplete");
    const after = recovered ? earlier(cursor ?? start, window.end) : window.end;
    const welcome = encodeFrame({ type: "welcome", user: this.#identity.userId, cursor: after, recovered });
    this.#outbox.start(welcome, after, answers);
  }

  #subscribe({ topic, cursor }: SubscribeFrame): void {
    const { window } = this.#context;
    if (this.#state === "opened") this.#hello({ type: "hello" });
    const held = this.#objects?.get(topic);
    if (held === false) return; // its answer is on the way
    if (held) {
      this.#answer(topic, true, cursor ?? window.end);
      return;
    }
    const since = cursor ?? window.end;
    void this.#askAndAnswer(topic, since);
  }

  async #askAndAnswer(topic: Topic, since: Cursor): Promise<void> {
    const may = await this.#ask(topic);
    if (may !== undefined) this.#answer(topic, may, since);
  }

  #unsubscribe(topic: Topic): void {
    if (this.#objects?.delete(topic)) this.#context.hub.release(this, topic);
  }

  /** Whether the CMS shows the topic's object; undefined if nobody waits for the answer any more. */
  async #ask(topic: Topic): Promise<boolean | undefined> {
    const { access, limits, logger } = this.#context;
    if (!isSubscribable(topic)) return false;
    const objects = (this.#objects ??= new Map());
    objects.set(topic, false);
    if (objects.size > limits.maxSubscriptions) {
      this.end(CLOSE.limitExceeded, LIMIT_DELAY_MS);
      return undefined;
    }
    const wanted = (): boolean => this.#objects?.has(topic) ?? false;
    const may = await access.settle(this.#identity, topic, wanted).catch((error: unknown) => {
      logger.warn(errorFields(error), "The CMS cannot be asked about an object; its topic is refused.");
      return false;
    });
    return wanted() ? may : undefined;
  }

  /** After the welcome: what came on the topic since, and then the answer. */
  #answer(topic: Topic, may: boolean, since: Cursor): void {
    if (this.#state === "ended") return;
    const recovered = this.#context.window.isComplete(since, [topic]);
    const frame = this.#settle(topic, may, recovered);
    if (may && recovered) this.#outbox.replay(topic, since, frame);
    else this.#outbox.send(frame);
  }

  #settle(topic: Topic, may: boolean, recovered: boolean): EncodedFrame {
    if (!may) {
      this.#unsubscribe(topic);
      return encodeFrame({ type: "refused", topic });
    }
    this.#objects?.set(topic, true);
    this.#context.hub.hold(this, topic);
    return encodeFrame({ type: "subscribed", topic, recovered });
  }

  /** False if it had ended already. */
  #finish(reason: string): boolean {
    if (this.#state === "ended") return false;
    const { hub, metrics } = this.#context;
    for (const topic of this.topics()) hub.release(this, topic);
    this.#state = "ended";
    this.#objects = undefined;
    this.#identity.left(this);
    metrics.connectionClosed(this.name, reason);
    this.#context.ended(this);
    return true;
  }
}

function earlier(a: Cursor, b: Cursor): Cursor {
  return compareCursors(a, b) < 0 ? a : b;
}
