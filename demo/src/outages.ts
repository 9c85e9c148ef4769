/** Takes the push connections of one account away for a while, as a tunnel does: for the page about reconnecting. */
import type { Duplex } from "node:stream";

export class Outages {
  /** Account id -> when it ends, in milliseconds since the epoch. */
  readonly #ends = new Map<string, number>();
  readonly #sockets = new Map<string, Set<Duplex>>();

  begin(account: string, forMs: number): void {
    this.#ends.set(account, Date.now() + forMs);
    for (const socket of this.#sockets.get(account) ?? []) socket.destroy();
  }

  isOver(account: string | undefined): boolean {
    return account === undefined || (this.#ends.get(account) ?? 0) <= Date.now();
  }

  /** A socket that the next outage of this account breaks. */
  watch(account: string, socket: Duplex): void {
    const sockets = this.#sockets.get(account) ?? new Set();
    this.#sockets.set(account, sockets.add(socket));
    socket.once("close", () => sockets.delete(socket));
  }
}
