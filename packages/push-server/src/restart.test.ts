import type { Cursor } from "push-protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { TestClient } from "./testing/test-client.ts";
import { TestCms } from "./testing/test-cms.ts";
import { TestProgram } from "./testing/test-program.ts";
import { TestRedis } from "./testing/test-redis.ts";

/** A browser that comes back with its cursor whenever its connection breaks, to whatever node there is. */
class ReturningClient {
  readonly markers: unknown[] = [];
  /** Resolves with the first welcome. */
  readonly welcomed: Promise<void>;
  incomplete = 0;
  readonly #seen = new Set<Cursor>();
  readonly #node: () => string;
  #cursor: Cursor | undefined;
  #greeted: () => void = () => undefined;
  #stopped = false;
  #current: TestClient | undefined;
  readonly #running: Promise<void>;

  constructor(node: () => string) {
    this.#node = node;
    this.welcomed = new Promise((resolve) => {
      this.#greeted = resolve;
    });
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#current?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const url = this.#node();
      const headers = { Cookie: "__ac=jane", Origin: new URL(url).origin };
      const client = new TestClient(`${url.replace("http", "ws")}/websocket`, { headers });
      this.#current = client;
      client.socket.on("open", () => {
        client.send({ type: "hello", ...(this.#cursor !== undefined && { cursor: this.#cursor }) });
      });
      client.socket.on("message", () => this.#take(client));
      await client.closed;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #take({ frames }: TestClient): void {
    const frame = frames.at(-1);
    if (frame?.type === "welcome") {
      if (!frame.recovered) this.incomplete += 1;
      this.#cursor ??= frame.cursor;
      this.#greeted();
    } else if (frame?.type === "message" && !this.#seen.has(frame.cursor)) {
      this.#seen.add(frame.cursor);
      this.#cursor = frame.cursor;
      this.markers.push(frame.message.marker);
    }
  }
}

describe("a push server that is killed", () => {
  it("loses nothing of what was published meanwhile: its clients are complete on another node, and on itself again", async () => {
    const redis = await TestRedis.start();
    onTestFinished(() => redis.close());
    const cms = await TestCms.start();
    onTestFinished(() => cms.close());
    cms.addUser("jane");
    const start = async (): Promise<TestProgram> =>
      await TestProgram.start({ cms, env: { REDIS_URL: redis.url } });
    const [one, other] = await Promise.all([start(), start()]);
    const publisher = redis.client();
    let current: TestProgram = one;
    const jane = new ReturningClient(() => current.url);
    onTestFinished(() => jane.stop());

    let published = 0;
    const publish = async (): Promise<void> => {
      const message = JSON.stringify({ marker: `${published}` });
      published += 1;
      await publisher.xadd("push:log", "*", "to", "user:jane", "message", message);
    };
    const arrived = async (): Promise<void> => {
      while (jane.markers.length < published) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await jane.welcomed;

    for (let i = 0; i < 20; i += 1) await publish();
    const killed = one.kill("SIGKILL");
    for (let i = 0; i < 20; i += 1) await publish();
    await killed;
    current = other;
    for (let i = 0; i < 20; i += 1) await publish();
    await arrived();
    await other.kill("SIGKILL");
    for (let i = 0; i < 20; i += 1) await publish();
    current = await start();
    for (let i = 0; i < 20; i += 1) await publish();
    await arrived();

    expect(jane.markers).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`));
    expect(jane.incomplete).toBe(0);
  }, 60_000); // three processes start one after the other
});
