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
/** How often a part of the connections is looked at: writing to 400 at once would hold up every message for 5 ms. */
export const SLICE_MS = 25;
const SLICES = 1000 / SLICE_MS;
/** How many of those who have to come back do so in a second: what one node accepts with ease. */
const COME_BACK_PER_SECOND = 1000;
const LEAST_SPREAD_MS = 1000;

export class Connections {
  readonly #context: ConnectionContext;
  readonly #identities: Identities;
  readonly #slices: readonly Set<Connection>[] = Array.from({ length: SLICES }, () => new Set());
  #size = 0;
  /** Slices that were looked at. */
  #ticks = 0;
  #serial = 0;

  constructor(context: Omit<ConnectionContext, "ended">, identities: Identities) {
    this.#context = { ...context, ended: (connection) => this.#ended(connection) };
    this.#identities = identities;
  }

  get size(): number {
    return this.#size;
  }

  /** @throws Refusal 429 */
  checkRoom({ user }: Visitor): void {
    const { limits, hub } = this.#context;
    if (this.#size >= limits.maxConnections) throw refusals.tooMany("connections");
    if (hub.countHolders(userTopic(user.id)) >= limits.maxConnectionsPerUser) {
      throw refusals.tooMany("connections of this user");
    }
  }

  open({ credentials, user }: Visitor, name: TransportName, transport: Transport): Connection {
    const identity = this.#identities.enter(credentials, user);
    const connection = new Connection(this.#context, identity, transport, name, this.#serial++);
    this.#sliceOf(connection)?.add(connection);
    this.#size += 1;
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

  /** Every `SLICE_MS`, so that each connection is looked at once a second. */
  sweep(now: number): void {
    const seconds = Math.floor(this.#ticks / SLICES);
    const slice = this.#ticks % SLICES;
    this.#ticks += 1;
    if (slice === 0 && seconds % HEARTBEAT_SECONDS === 0) this.#context.replayFrames.sweep();
    for (const connection of this.#slices[slice] ?? []) {
      connection.sweep(now);
      const turn = Math.floor(connection.serial / SLICES);
      if ((seconds + turn) % HEARTBEAT_SECONDS === 0) connection.heartbeat();
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
    this.#sendAway(topic === undefined ? this.#all() : [...this.#context.hub.holders(topic)]);
  }

  /** This server stops. */
  endAll(): void {
    this.#sendAway(this.#all());
  }

  /** Each gets a time of its own, in random order, so that they come back evenly. */
  #sendAway(connections: readonly Connection[]): void {
    const spreadMs = Math.max(LEAST_SPREAD_MS, (connections.length * 1000) / COME_BACK_PER_SECOND);
    for (const connection of connections) connection.end(CLOSE.goingAway, Math.random() * spreadMs);
  }

  #all(): Connection[] {
    return this.#slices.flatMap((slice) => [...slice]);
  }

  #sliceOf({ serial }: Connection): Set<Connection> | undefined {
    return this.#slices[serial % SLICES];
  }

  #ended(connection: Connection): void {
    if (this.#sliceOf(connection)?.delete(connection)) this.#size -= 1;
    this.#identities.left(connection.identity);
  }
}
