/** Who holds which topic on this node: entries of the log come in, frames go out to the connections that hold them. */
import type { Topic } from "push-protocol";
import type { Connection } from "./connection.ts";
import { encodeEntry } from "./encoded-frame.ts";
import type { Relayed } from "./retained-window.ts";
import { memberCount, members, withMember, withoutMember } from "./small-set.ts";

export class Hub {
  readonly #holders = new Map<Topic, Connection | Set<Connection>>();

  hold(connection: Connection, topic: Topic): void {
    const holders = this.#holders.get(topic);
    const more = withMember(holders, connection);
    if (more !== undefined && more !== holders) this.#holders.set(topic, more);
  }

  release(connection: Connection, topic: Topic): void {
    const left = withoutMember(this.#holders.get(topic), connection);
    if (left === undefined) this.#holders.delete(topic);
  }

  holders(topic: Topic): Iterable<Connection> {
    return members(this.#holders.get(topic));
  }

  countHolders(topic: Topic): number {
    return memberCount(this.#holders.get(topic));
  }

  /**
   * Sends these on, in their order; what one connection gets of them leaves in one write.
   * @returns how often one was handed to a connection
   */
  relay(batch: readonly Relayed[]): number {
    let deliveries = 0;
    const corked: Connection[] | undefined = batch.length > 1 ? [] : undefined;
    for (const relayed of batch) {
      const [only] = relayed.topics;
      if (only === undefined) continue;
      deliveries +=
        relayed.topics.length === 1
          ? this.#relayOn(only, relayed, corked)
          : this.#relayOnSeveral(relayed, corked);
    }
    if (corked) for (const connection of corked) connection.uncork();
    return deliveries;
  }

  #relayOn(topic: Topic, { entry, topics }: Relayed, corked: Connection[] | undefined): number {
    const holders = this.#holders.get(topic);
    if (!holders) return 0;
    const frame = encodeEntry(entry, topics);
    for (const connection of members(holders)) {
      if (corked && connection.cork()) corked.push(connection);
      connection.deliver(entry.cursor, frame);
    }
    return memberCount(holders);
  }

  /** Each connection is told those of the topics that it holds, and no other: one frame for each such selection. */
  #relayOnSeveral({ entry, topics }: Relayed, corked: Connection[] | undefined): number {
    const held = new Map<Connection, string>();
    for (const topic of topics) {
      for (const connection of this.holders(topic)) {
        const before = held.get(connection);
        held.set(connection, before === undefined ? topic : `${before} ${topic}`);
      }
    }
    const frames = new Map<string, ReturnType<typeof encodeEntry>>();
    for (const [connection, selection] of held) {
      let frame = frames.get(selection);
      if (!frame) frames.set(selection, (frame = encodeEntry(entry, selection.split(" ") as Topic[])));
      if (corked && connection.cork()) corked.push(connection);
      connection.deliver(entry.cursor, frame);
    }
    return held.size;
  }
}
