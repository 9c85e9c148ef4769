/** One browser's connection: speaks PROTOCOL.md over any transport, between the hub and the wire. */
import {
  CLOSE,
  compareCursors,
  parseClientFrame,
  ProtocolError,
  type CloseReason,
  type Cursor,
  type HelloFrame,
  type SubscribeFrame,
  type Topic,
} from "push-protocol";
import type { ConnectionContext } from "./connection-context.ts";
import { encodeFrame, type EncodedFrame } from "./encoded-frame.ts";
import type { Identity } from "./identity.ts";
import type { LogEntry } from "./log-entry.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Transport, TransportListener, TransportName } from "./transport.ts";

/** What the CMS said about a topic that was asked for, and from where on the client wants it. */
interface Answer {
  readonly topic: Topic;
  readonly may: boolean;
  readonly since: Cursor;
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
  #subscriptions: Subscriptions | undefined;
  /** Those that came before the welcome. */
  #answers: Answer[] | undefined;
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
  objectTopics(): Iterable<Topic> {
    return this.#subscriptions?.held() ?? [];
  }

  /** The CMS does not show the topic's object any more. */
  withdraw(topic: Topic): void {
    if (this.#subscriptions?.state(topic)) this.#outbox.send(this.#answerFrame(topic, false, true));
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

  encode(entry: LogEntry, topics: readonly Topic[]): EncodedFrame {
    return this.#context.replayFrames.of(entry, topics);
  }

  now(): number {
    return this.#context.now();
  }

  // The protocol.

  #hello(hello: HelloFrame): void {
    if (this.#state !== "opened") throw new ProtocolError("invalid-frame", "One hello for each connection.");
    this.#state = "greeting";
    const { window } = this.#context;
    const { cursor, topics = [] } = hello;
    const since = cursor ?? window.end;
    const welcome = (): void => this.#welcome(cursor, since);
    if (topics.length === 0) {
      welcome();
      return;
    }
    // The rest of the page does not wait for one slow object: its answer comes when it comes.
    const patience = setTimeout(welcome, HELLO_PATIENCE_MS);
    void Promise.all(topics.map((topic) => this.#ask(topic, since))).finally(() => {
      clearTimeout(patience);
      welcome();
    });
  }

  #welcome(cursor: Cursor | undefined, since: Cursor): void {
    if (this.#state !== "greeting") return;
    this.#state = "welcomed";
    const { window, metrics } = this.#context;
    const answers = this.#answers ?? [];
    this.#answers = undefined;
    const inHello = answers.filter((answer) => answer.since === since);
    for (const { topic, may } of inHello) if (may) this.#hold(topic);
    const recovered = cursor === undefined || window.isComplete(cursor, this.topics());
    if (cursor !== undefined) metrics.recovered(recovered ? "complete" : "incomplete");
    // What is still there is replayed, even if something before it is not.
    const after = window.completeAfter(earlier(since, window.end), this.topics());
    const welcome = encodeFrame({ type: "welcome", user: this.#identity.userId, cursor: after, recovered });
    // Their replay is in the welcome's, in the order of the log; then they are answered.
    this.#outbox.start(
      welcome,
      after,
      inHello.map(({ topic, may }) => this.#answerFrame(topic, may, recovered)),
    );
    for (const answer of answers) if (!inHello.includes(answer)) this.#answer(answer);
  }

  #subscribe({ topic, cursor }: SubscribeFrame): void {
    if (this.#state === "opened") this.#hello({ type: "hello" });
    const since = cursor ?? this.#context.window.end;
    const state = this.#subscriptions?.state(topic);
    if (state === undefined) void this.#ask(topic, since);
    else if (state) this.#answer({ topic, may: true, since });
  }

  #unsubscribe(topic: Topic): void {
    if (this.#subscriptions?.drop(topic)) this.#context.hub.release(this, topic);
  }

  /** Asks the CMS whether it shows the topic's object, and answers. */
  async #ask(topic: Topic, since: Cursor): Promise<void> {
    this.#subscriptions ??= new Subscriptions();
    const asking = this.#subscriptions.ask(topic, this.#identity, this.#context);
    if (this.#subscriptions.size > this.#context.limits.maxSubscriptions) {
      this.end(CLOSE.limitExceeded, LIMIT_DELAY_MS);
    }
    const may = await asking;
    if (may !== undefined) this.#answer({ topic, may, since });
  }

  /** What came on the topic since, and then the answer; after the welcome. */
  #answer(answer: Answer): void {
    if (this.#state === "ended") return;
    if (this.#state === "greeting") {
      (this.#answers ??= []).push(answer);
      return;
    }
    const { topic, may, since } = answer;
    if (may) this.#hold(topic);
    const after = this.#context.window.completeAfter(since, [topic]);
    const frame = this.#answerFrame(topic, may, after === since);
    if (may) this.#outbox.replay(topic, after, frame);
    else this.#outbox.send(frame);
  }

  #hold(topic: Topic): void {
    this.#subscriptions?.hold(topic);
    this.#context.hub.hold(this, topic);
  }

  #answerFrame(topic: Topic, may: boolean, recovered: boolean): EncodedFrame {
    if (may) return encodeFrame({ type: "subscribed", topic, recovered });
    this.#unsubscribe(topic);
    return encodeFrame({ type: "refused", topic });
  }

  /** False if it had ended already. */
  #finish(reason: string): boolean {
    if (this.#state === "ended") return false;
    const { hub, metrics } = this.#context;
    for (const topic of this.topics()) hub.release(this, topic);
    this.#state = "ended";
    this.#subscriptions?.clear();
    this.#answers = undefined;
    this.#identity.left(this);
    metrics.connectionClosed(this.name, reason);
    this.#context.ended(this);
    return true;
  }
}

function earlier(a: Cursor, b: Cursor): Cursor {
  return compareCursors(a, b) < 0 ? a : b;
}
