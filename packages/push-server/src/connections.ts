/** All connections of this node: how many there may be, and what has to be looked at every second. */
import { CLOSE, userTopic, type Topic } from "push-protocol";
import type { Visitor } from "./gate.ts";
import { Connection } from "./connection.ts";
import type { ConnectionContext } from "./connection-context.ts";
import type { Identities } from "./identities.ts";
import { refusals } from "./refusal.ts";
import type { Transport, TransportName } from "./transport.ts";

/** Everybody hears from the server once in this time; below the 60 s that proxies wait by default. */
const HEARTBEAT_SECONDS = 25;
/** How many of those who have to come back do so in a second: what one node accepts with ease. */
const COME_BACK_PER_SECOND = 1000;
const LEAST_SPREAD_MS = 1000;

export class Connections {
  readonly #context: ConnectionContext;
  readonly #identities: Identities;
  readonly #all = new Set<Connection>();
  #tick = 0;
  #serial = 0;

  constructor(context: Omit<ConnectionContext, "ended">, identities: Identities) {
    this.#context = { ...context, ended: (connection) => this.#ended(connection) };
    this.#identities = identities;
  }

  get size(): number {
    return this.#all.size;
  }

  /** @throws Refusal 429 */
  checkRoom({ user }: Visitor): void {
    const { limits, hub } = this.#context;
    if (this.#all.size >= limits.maxConnections) throw refusals.tooMany("connections");
    if (hub.countHolders(userTopic(user.id)) >= limits.maxConnectionsPerUser) {
      throw refusals.tooMany("connections of this user");
    }
  }

  open({ credentials, user }: Visitor, name: TransportName, transport: Transport): Connection {
    const identity = this.#identities.enter(credentials, user);
    const connection = new Connection(this.#context, identity, transport, name, this.#serial++);
    this.#all.add(connection);
    this.#context.metrics.connectionOpened(name);
    return connection;
  }

  /** Its user comes with a renewed cookie: from now on that one is asked about. */
  renew(connection: Connection, { credentials, user }: Visitor): void {
    const before = connection.identity;
    if (before.credentials.hash === credentials.hash) return;
    connection.moveTo(this.#identities.enter(credentials, user));
    this.#identities.left(before);
  }

  /** Once a second. */
  sweep(now: number): void {
    this.#tick += 1;
    if (this.#tick % HEARTBEAT_SECONDS === 0) this.#context.replayFrames.sweep();
    for (const connection of this.#all) {
      connection.sweep(now);
      if ((this.#tick + connection.serial) % HEARTBEAT_SECONDS === 0) connection.heartbeat();
    }
  }

  /** The users' connections were closed on request. */
  closeHolders(topics: readonly string[]): void {
    for (const topic of topics) {
      for (const connection of this.#context.hub.holders(topic as Topic)) connection.end(CLOSE.signedOut);
    }
  }

  /** Those who hold the topic, or all, may have missed something: they come back with their cursors, and are told. */
  missed(topic: Topic | undefined): void {
    this.#sendAway([...(topic === undefined ? this.#all : this.#context.hub.holders(topic))]);
  }

  /** This server stops. */
  endAll(): void {
    this.#sendAway([...this.#all]);
  }

  /** Each gets a time of its own, in random order, so that they come back evenly. */
  #sendAway(connections: readonly Connection[]): void {
    const spreadMs = Math.max(LEAST_SPREAD_MS, (connections.length * 1000) / COME_BACK_PER_SECOND);
    for (const connection of connections) connection.end(CLOSE.goingAway, Math.random() * spreadMs);
  }

  #ended(connection: Connection): void {
    this.#all.delete(connection);
    this.#identities.left(connection.identity);
  }
}
