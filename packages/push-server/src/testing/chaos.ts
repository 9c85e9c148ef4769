/** Everything that breaks, one after the other, under publishing: what the pages of a cluster have in the end, for tests. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, vi } from "vitest";
import { ReturningClient } from "./returning-client.ts";
import type { SockJsTransport } from "./test-browser.ts";
import { TestCluster } from "./test-cluster.ts";

export interface ChaosOptions {
  /** How long a part of the network is away. */
  readonly outageMs: number;
  /** Pages over each transport. */
  readonly pages: number;
  /** Between two messages. */
  readonly pauseMs: number;
}

const TRANSPORTS: readonly SockJsTransport[] = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];

export class Chaos {
  readonly cluster: TestCluster;
  readonly #options: ChaosOptions;
  readonly #pages: readonly ReturningClient[];
  readonly #published: string[] = [];

  private constructor(cluster: TestCluster, options: ChaosOptions) {
    this.cluster = cluster;
    this.#options = options;
    this.#pages = Array.from({ length: options.pages }, () => TRANSPORTS)
      .flat()
      .map((transport) => new ReturningClient(cluster.browser, transport));
  }

  static async begin(options: ChaosOptions): Promise<Chaos> {
    const chaos = new Chaos(await TestCluster.start(), options);
    await vi.waitFor(
      () => expect(chaos.#pages.every(({ welcomes }) => welcomes > 0)).toBe(true),
      chaos.#patience,
    );
    return chaos;
  }

  get pages(): number {
    return this.#pages.length;
  }

  get published(): number {
    return this.#published.length;
  }

  /** Whether any page was ever told that something may be missing. */
  get incomplete(): boolean {
    return this.#pages.some(({ incomplete }) => incomplete);
  }

  /** Publishes through nginx while this breaks; then every page has everything, once, in its order. */
  async while(broken: () => Promise<void>): Promise<void> {
    await this.#during(broken, async (marker) => {
      await this.cluster.publisher.publish({ to: "user:jane", marker, id: marker });
    });
  }

  /** The same with XADD, past the nodes. */
  async whileXadd(broken: () => Promise<void>): Promise<void> {
    const redis = this.cluster.redis.client();
    await this.#during(broken, async (marker) => {
      await redis.xadd("push:log", "*", "to", "user:jane", "message", JSON.stringify({ marker }));
    });
  }

  async outage(): Promise<void> {
    await delay(this.#options.outageMs);
  }

  async #during(broken: () => Promise<void>, publish: (marker: string) => Promise<void>): Promise<void> {
    const progress = { isOver: false };
    const breaking = broken().finally(() => {
      progress.isOver = true;
    });
    do {
      const marker = `message ${this.#published.length}`;
      this.#published.push(marker);
      await publish(marker);
      await delay(this.#options.pauseMs);
    } while (!progress.isOver);
    await breaking;
    await vi.waitFor(() => this.#expectComplete(), this.#patience);
  }

  /** Cheap while something is lacking: pages, network and browser of the test share its process. */
  #expectComplete(): void {
    const count = this.#published.length;
    const lacking = this.#pages.filter(({ markers }) => markers.length !== count);
    const said = lacking.map(({ transport, markers }) => `${transport}: ${markers.length}`);
    expect(said, `${count} messages on every page; ${this.#nodesSaid()}`).toEqual([]);
    const expected = this.#published.join();
    for (const { markers } of this.#pages)
      expect(markers.join() === expected, "each once, in order").toBe(true);
  }

  #nodesSaid(): string {
    return this.cluster.nodes.map(({ output }, index) => `node ${index} said ${output.slice(-300)}`).join();
  }

  get #patience(): { readonly timeout: number; readonly interval: number } {
    return { timeout: 60_000 + this.#options.outageMs, interval: 200 };
  }
}
