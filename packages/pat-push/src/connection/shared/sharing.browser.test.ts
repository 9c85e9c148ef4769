import { expect } from "chai";
import { until } from "../../testing/intake-fixture.ts";
import { logIn, newUser, recordingClient, site, type RecordingClient } from "../../testing/push-site.ts";
import { OVERLAP_MS } from "../server-clock.ts";

const WORKER = new URL("./worker.ts", import.meta.url).href;

/** What two clients of one page do is what two tabs do: neither workers nor locks nor channels know tabs. */
for (const [host, worker] of [
  ["a SharedWorker", WORKER],
  ["one of them", undefined],
  ["one of them, when the worker is not to be had", "/__reply?status=404"],
] as const) {
  describe(`tabs of one user, with their connection in ${host}`, () => {
    const clients: RecordingClient[] = [];

    afterEach(async () => {
      await Promise.all(clients.splice(0).map((client) => client.close()));
      await until("all sockets are closed", async () => (await site.connections()) === 0);
    });

    async function open(
      user: string,
      options: Parameters<typeof recordingClient>[0] = {},
    ): Promise<RecordingClient> {
      const client = recordingClient({ user, worker, ...options });
      clients.push(client);
      await until("it is open", () => client.state === "open" && client.user === user);
      return client;
    }

    it("share one connection, and each gets every message once", async () => {
      const user = newUser();
      const tabs = [await open(user), await open(user), await open(user)];
      expect(await site.connections()).to.equal(1);
      for (const html of ["1", "2", "3"]) await site.publish({ to: `user:${user}`, html });
      await until("all have all", () => tabs.every(({ frames }) => frames.length === 3));
      for (const tab of tabs) expect(htmlOf(tab)).to.deep.equal(["1", "2", "3"]);
    });

    it("get what was published since they were rendered, whenever they come", async () => {
      const user = newUser();
      const now = Date.now();
      await site.publish({ to: `user:${user}`, html: "1" });
      const first = await open(user, { renderedAtMs: Date.now() + OVERLAP_MS });
      await site.publish({ to: `user:${user}`, html: "2" });
      await until("it is there", () => first.frames.length === 1);
      // Rendered before the connection began: what the hub keeps does not reach so far.
      const second = await open(user, { renderedAtMs: now + OVERLAP_MS });
      await until("it has both", () => second.frames.length === 2);
      // What the hub keeps is enough for this one.
      const third = await open(user, { renderedAtMs: now + OVERLAP_MS });
      await until("it has both", () => third.frames.length === 2);
      expect(htmlOf(first).at(-1)).to.equal("2");
      expect([htmlOf(second), htmlOf(third)]).to.deep.equal([
        ["1", "2"],
        ["1", "2"],
      ]);
      expect(await site.connections()).to.equal(1);
    });

    it("lose nothing when the one that holds the connection is closed", async () => {
      const user = newUser();
      const first = await open(user);
      const second = await open(user);
      const third = await open(user);
      await site.publish({ to: `user:${user}`, html: "1" });
      await until("they have it", () => second.frames.length === 1 && third.frames.length === 1);
      const closing = first.close();
      await site.publish({ to: `user:${user}`, html: "2" });
      await closing;
      await site.publish({ to: `user:${user}`, html: "3" });
      await until("they have all", () => second.frames.length === 3 && third.frames.length === 3);
      expect(htmlOf(second)).to.deep.equal(["1", "2", "3"]);
      expect(htmlOf(third)).to.deep.equal(["1", "2", "3"]);
      expect(htmlOf(first)).to.deep.equal(["1"]);
      await until("one connection is left", async () => (await site.connections()) === 1);
    });

    it("get the messages of their own objects only", async () => {
      const user = newUser();
      const first = await open(user);
      const second = await open(user);
      first.subscribe("object:/a");
      second.subscribe("object:/b");
      second.subscribe("object:/private/x");
      await until("one is refused", () => second.refused.length === 1);
      await site.publish({ to: "object:/a", html: "a" });
      await site.publish({ to: "object:/b", html: "b" });
      await site.publish({ to: `user:${user}`, html: "both" });
      await until("both have theirs", () => first.frames.length >= 2 && second.frames.length >= 2);
      expect(htmlOf(first)).to.deep.equal(["a", "both"]);
      expect(htmlOf(second)).to.deep.equal(["b", "both"]);
      expect(first.refused).to.deep.equal([]);
    });

    it("stop sharing when another user logs in", async () => {
      const user = newUser();
      const first = await open(user);
      const second = await open(user);
      const other = newUser();
      const theirs = await open(other);
      await site.publish({ to: `user:${other}`, html: "theirs" });
      await until("it is there", () => theirs.frames.length === 1);
      await site.cut();
      await until("they stop", () => first.state === "stopped" && second.state === "stopped");
      await until("the other goes on", () => theirs.state === "open");
      expect([first.frames, second.frames]).to.deep.equal([[], []]);
      logIn(user);
    });

    it("notice at once that another user has logged in", async () => {
      const user = newUser();
      const first = await open(user);
      const other = newUser();
      await open(other);
      await until("the first stops", () => first.state === "stopped");
      logIn(user);
      const again = await open(user); // as after a reload
      await site.publish({ to: `user:${user}`, html: "again" });
      await until("it is there", () => again.frames.length === 1);
    });

    it("go on when the session of their connection was renewed", async () => {
      const user = newUser();
      logIn(`${user}~1`);
      const tab = await open(user);
      logIn(`${user}~2`);
      await site.expire(`${user}~1`);
      await until("it was closed", () => tab.states.includes("waiting"));
      await until("it is open again", () => tab.state === "open");
      expect(tab.states).not.to.include("signed-out");
    });

    it("refetch once what may be missing, and nothing because another tab asks for more than there is", async () => {
      const user = newUser();
      const topic = `object:/${user}` as const;
      const first = await open(user, { renderedAtMs: Date.now() + OVERLAP_MS });
      first.subscribe(topic);
      const second = await open(user, { renderedAtMs: Date.now() + OVERLAP_MS });
      await site.publish({ to: `user:${user}`, html: "1" });
      await until("both have it", () => first.frames.length === 1 && second.frames.length === 1);
      await site.restart(); // the log is in memory
      await until("both are told", () => first.gaps.length > 0 && second.gaps.length > 0);
      await until("both are back", () => first.state === "open" && second.state === "open");
      await site.publish({ to: `user:${user}`, html: "2" });
      await until("both have it", () => first.frames.length === 2 && second.frames.length === 2);
      expect([first.gaps, second.gaps]).to.deep.equal([[undefined], [undefined]]);
      const third = recordingClient({ user, worker, renderedAtMs: Date.now() - 3_600_000 });
      clients.push(third);
      third.subscribe(topic);
      await until("the third is told", () => third.gaps.length > 0);
      await site.publish({ to: topic, html: "3" });
      await until("it is there", () => third.frames.length >= 2 && first.frames.length === 3);
      expect([first.gaps, second.gaps, third.gaps]).to.deep.equal([[undefined], [undefined], [undefined]]);
    });

    it("come back together from the back/forward cache", async () => {
      const user = newUser();
      const first = await open(user);
      const second = await open(user);
      window.dispatchEvent(new Event("pagehide"));
      await until("nothing is open", async () => (await site.connections()) === 0);
      await site.publish({ to: `user:${user}`, html: "missed" });
      window.dispatchEvent(new Event("pageshow"));
      await until("they have it", () => first.frames.length === 1 && second.frames.length === 1);
      expect(await site.connections()).to.equal(1);
    });
  });
}

function htmlOf({ frames }: RecordingClient): unknown[] {
  return frames.map(({ message }) => message.html);
}
