import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CmsClient } from "./cms-client.ts";
import type { CmsClientOptions } from "./cms-client-options.ts";
import { connect, credentials } from "./testing/connect.ts";
import { sendJson, startServer, type TestServer } from "./testing/http-server.ts";

const JANE = credentials("__ac=jane");
const UNKNOWN = expect.objectContaining({ code: "cms-unknown", retryable: true });

/** A CMS that knows everybody, and stands still, fails or forgets them when it is told to. */
class Cms {
  status = 200;
  user: string | null = "jane";
  /** The most questions it had to answer at once. */
  mostAtOnce = 0;
  server!: TestServer;
  #open = 0;
  #held: (() => void)[] | undefined;

  async start(): Promise<this> {
    this.server = await startServer((_, response) => {
      this.#open += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
      const answer = () => {
        this.#open -= 1;
        sendJson(response, this.status, { userid: this.user, groups: [] });
      };
      if (this.#held === undefined) answer();
      else this.#held.push(answer);
    });
    return this;
  }

  hold(): void {
    this.#held = [];
  }

  /** Answers what waits, and everything from now on. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const answer of held) answer();
  }

  /** Resolves when so many questions have arrived in all. */
  async asked(count: number): Promise<void> {
    while (this.server.seen.length < count) await sleep(2);
  }

  connect(options: Partial<CmsClientOptions> = {}): CmsClient {
    return connect({ baseUrl: this.server.url, ...options });
  }
}

describe("one question per cookie", () => {
  it("is in flight at a time, and answers all who wait", async () => {
    const cms = await new Cms().start();
    const client = cms.connect();
    cms.hold();
    const all = Promise.all(Array.from({ length: 100 }, () => client.whoAmI(JANE)));
    await cms.asked(1);
    cms.release();
    expect(new Set((await all).map((user) => user?.id))).toEqual(new Set(["jane"]));
    expect(cms.server.seen).toHaveLength(1);
  });

  it("is answered from the cache for a while, unless a fresh answer is wanted", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ cacheSeconds: 60 });
    await client.whoAmI(JANE);
    cms.user = null;
    expect(await client.whoAmI(JANE)).toMatchObject({ id: "jane" });
    expect(cms.server.seen).toHaveLength(1);
    expect(await client.whoAmI(JANE, undefined, { fresh: true })).toBeUndefined();
    expect(await client.whoAmI(JANE)).toBeUndefined(); // the fresh answer is the cached one now
    expect(cms.server.seen).toHaveLength(2);
  });

  it("is asked again when the answer is old", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ cacheSeconds: 0.05 });
    await client.whoAmI(JANE);
    cms.user = null;
    await sleep(60);
    expect(await client.whoAmI(JANE)).toBeUndefined();
  });

  it("is another one for another cookie, and per object", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ cacheSeconds: 60 });
    await Promise.all([client.whoAmI(JANE), client.whoAmI(credentials("__ac=bob"))]);
    await Promise.all([client.mayView(JANE, "/a"), client.mayView(JANE, "/b"), client.mayView(JANE, "/a")]);
    expect(cms.server.seen.map(({ path }) => path).toSorted()).toEqual([
      "/@@push-whoami",
      "/@@push-whoami",
      "/a?include_items=false",
      "/b?include_items=false",
    ]);
  });

  it("about who somebody is does not wait behind all that others want to see", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ maxConcurrentProbes: 4 });
    await client.whoAmI(JANE);
    cms.hold();
    const views = Array.from({ length: 100 }, (_, index) => client.mayView(JANE, `/${index}`));
    await cms.asked(4);
    const bob = client.whoAmI(credentials("__ac=bob"));
    await cms.asked(5);
    expect(cms.server.seen.at(-1)?.path).toBe("/@@push-whoami");
    cms.release();
    expect(await bob).toBeDefined();
    await Promise.all(views);
  });

  it("goes on for the others when one who waits leaves", async () => {
    const cms = await new Cms().start();
    const client = cms.connect();
    cms.hold();
    const leaving = new AbortController();
    const left = client.whoAmI(JANE, leaving.signal);
    const stayed = client.whoAmI(JANE);
    await cms.asked(1);
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    cms.release();
    expect(await stayed).toMatchObject({ id: "jane" });
  });

  it("is not asked for who has left already", async () => {
    const cms = await new Cms().start();
    await expect(cms.connect().whoAmI(JANE, AbortSignal.abort(new Error("left")))).rejects.toThrow("left");
    expect(cms.server.seen).toHaveLength(0);
  });
});

describe("questions to the CMS", () => {
  const people = Array.from({ length: 20 }, (_, index) => credentials(`__ac=user${index}`));

  it("are bounded at once; the others wait for their turn", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ maxConcurrentProbes: 3 });
    cms.hold();
    const all = Promise.all(people.map((person) => client.whoAmI(person)));
    await cms.asked(3);
    await sleep(30);
    expect(cms.server.seen).toHaveLength(3);
    cms.release();
    expect(await all).toHaveLength(20);
    expect(cms.mostAtOnce).toBe(3);
  });

  it("are refused as unknown when too many wait", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ maxConcurrentProbes: 1, maxWaitingProbes: 4 });
    cms.hold();
    const all = Promise.allSettled(people.map((person) => client.whoAmI(person)));
    await cms.asked(1);
    cms.release();
    const outcomes = (await all).map((outcome) =>
      outcome.status === "fulfilled" ? "answered" : String(outcome.reason),
    );
    expect(outcomes.filter((outcome) => outcome === "answered").length).toBeLessThanOrEqual(5);
    expect(outcomes.at(-1)).toMatch(/4 questions to the CMS are waiting already/);
  });

  it("are refused as unknown when they waited too long", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ maxConcurrentProbes: 1, maxProbeWaitMs: 10 });
    cms.hold();
    const first = client.whoAmI(JANE);
    const second = client.whoAmI(credentials("__ac=bob"));
    await cms.asked(1);
    await sleep(30);
    cms.release();
    expect(await first).toMatchObject({ id: "jane" });
    await expect(second).rejects.toThrow(/waited 10 ms for its turn/);
  });

  it("are not put to the CMS when all who waited have left", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ maxConcurrentProbes: 1 });
    cms.hold();
    const first = client.whoAmI(JANE);
    const leaving = new AbortController();
    const second = client.whoAmI(credentials("__ac=bob"), leaving.signal);
    await cms.asked(1);
    leaving.abort();
    await expect(second).rejects.toThrow();
    cms.release();
    await first;
    expect(await client.whoAmI(credentials("__ac=carol"))).toMatchObject({ id: "jane" });
    const cookies = cms.server.seen.map(({ headers }) => headers.cookie);
    expect(cookies).toEqual(["__ac=jane", "__ac=carol"]);
  });
});

describe("while the CMS is unknown", () => {
  it.each<[string, (cms: Cms) => void | Promise<void>]>([
    ["answers 503", (cms) => void (cms.status = 503)],
    ["does not answer in time", (cms) => cms.hold()],
    ["refuses connections", (cms) => cms.server.close()],
  ])(
    "because it %s, who was known stays, and what was visible; nobody else gets an answer",
    async (_, fail) => {
      const cms = await new Cms().start();
      const client = cms.connect({ graceSeconds: 60, timeoutMs: 100 });
      await client.whoAmI(JANE);
      await client.mayView(JANE, "/a");
      await fail(cms);
      expect(await client.whoAmI(JANE, undefined, { fresh: true })).toMatchObject({ id: "jane" });
      expect(await client.mayView(JANE, "/a")).toBe(true);
      await expect(client.whoAmI(credentials("__ac=bob"))).rejects.toEqual(UNKNOWN);
      await expect(client.mayView(JANE, "/b")).rejects.toEqual(UNKNOWN);
      expect(await client.describe()).toMatchObject({ adapter: "plone", reachable: false });
    },
  );

  it("who was known is not asked about on every request", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ graceSeconds: 60, cacheSeconds: 0.05 });
    await client.whoAmI(JANE);
    cms.status = 503;
    await sleep(60);
    await client.whoAmI(JANE);
    const { length } = cms.server.seen;
    await client.whoAmI(JANE);
    expect(cms.server.seen).toHaveLength(length);
  });

  it("the grace ends, counted from what the CMS last said", async () => {
    const cms = await new Cms().start();
    const client = cms.connect({ graceSeconds: 0.15 });
    await client.whoAmI(JANE);
    cms.status = 503;
    expect(await client.whoAmI(JANE)).toMatchObject({ id: "jane" });
    await sleep(160);
    await expect(client.whoAmI(JANE)).rejects.toEqual(UNKNOWN);
  });

  it("who was anonymous has no grace: they are asked to come again", async () => {
    const cms = await new Cms().start();
    cms.user = null;
    const client = cms.connect({ graceSeconds: 60 });
    expect(await client.whoAmI(JANE)).toBeUndefined();
    cms.status = 503;
    await expect(client.whoAmI(JANE)).rejects.toEqual(UNKNOWN);
  });

  it("neither the error nor its causes hold the cookie", async () => {
    const cms = await new Cms().start();
    const client = cms.connect();
    await cms.server.close();
    const error: unknown = await client
      .whoAmI(credentials("__ac=secret-ticket"))
      .catch((reason: unknown) => reason);
    expect(error).toEqual(UNKNOWN);
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain("secret-ticket");
  });
});

it("an error does not quote an answer that is no HTTP", async () => {
  const server = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\nSet-Cookie: secret\0value\r\n\r\n"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const client = connect({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const error: unknown = await client.whoAmI(JANE).catch((reason: unknown) => reason);
  expect(error).toEqual(UNKNOWN);
  expect(inspect(error, { depth: 12 })).not.toContain("secret");
});

it("a client that was closed ends what is under way, and answers nobody", async () => {
  const cms = await new Cms().start();
  const client = cms.connect();
  cms.hold();
  const waiting = client.whoAmI(JANE);
  await cms.asked(1);
  const ended = expect(waiting).rejects.toEqual(UNKNOWN);
  await client.close();
  await ended;
  await expect(client.whoAmI(JANE)).rejects.toEqual(UNKNOWN);
});
