import { expect } from "chai";
import { OVERLAP_MS } from "./connection/server-clock.ts";
import { until } from "./testing/intake-fixture.ts";
import { logIn, logOut, newUser, recordingClient, site, type RecordingClient } from "./testing/push-site.ts";

function open(client: RecordingClient): Promise<void> {
  return until("it is open", () => client.state === "open");
}

function texts(client: RecordingClient): unknown[] {
  return client.frames.map(({ message }) => message.html);
}

describe("a client of the push server", () => {
  const clients: RecordingClient[] = [];
  const start: typeof recordingClient = (options) => {
    const client = recordingClient(options);
    clients.push(client);
    return client;
  };

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await site.way({});
  });

  it("gets its user's messages, in their order, and nobody else's", async () => {
    const user = newUser();
    const client = start();
    await open(client);
    expect(client.user).to.equal(user);
    for (const html of ["1", "2", "3"]) await site.publish({ to: `user:${user}`, html });
    await site.publish({ to: "user:somebody-else", html: "secret" });
    await site.publish({ to: `user:${user}`, html: "4" });
    await until("all are there", () => client.frames.length >= 4);
    expect(texts(client)).to.deep.equal(["1", "2", "3", "4"]);
    expect(client.states).to.deep.equal(["connecting", "open"]);
  });

  it("gets what was published since the page was rendered", async () => {
    const user = newUser();
    const now = Date.now();
    await site.publish({ to: `user:${user}`, html: "before the connection" });
    const client = start({ renderedAtMs: now + OVERLAP_MS });
    await until("it is there", () => client.frames.length > 0);
    expect(texts(client)).to.deep.equal(["before the connection"]);
  });

  it("gets what it missed while it was away, once", async () => {
    const user = newUser();
    const client = start();
    await open(client);
    await site.publish({ to: `user:${user}`, html: "1" });
    await until("the first is there", () => client.frames.length === 1);
    await site.way({ down: true });
    await site.cut();
    await until("it has noticed", () => client.state !== "open");
    await site.publish({ to: `user:${user}`, html: "2" });
    await site.way({});
    await until("it has caught up", () => client.frames.length === 2);
    await site.publish({ to: `user:${user}`, html: "3" });
    await until("it goes on", () => client.frames.length === 3);
    expect(texts(client)).to.deep.equal(["1", "2", "3"]);
    expect(client.gaps).to.deep.equal([]);
  });

  it("is told when what it missed is lost", async () => {
    newUser();
    const client = start({ renderedAtMs: Date.now() });
    await open(client);
    await site.restart(); // the log is in memory
    await until("it is told", () => client.gaps.length > 0);
    expect(client.gaps).to.deep.equal([undefined]);
  });

  it("subscribes to objects that the user may see, and hears of those refused", async () => {
    newUser();
    const client = start();
    client.subscribe("object:/doc");
    await open(client);
    client.subscribe("object:/late");
    client.subscribe("object:/private/x");
    await until("one is refused", () => client.refused.length === 1);
    await site.publish({ to: "object:/doc", html: "1" });
    await site.publish({ to: "object:/late", html: "2" });
    await site.publish({ to: "object:/private/x", html: "secret" });
    await until("both are there", () => client.frames.length === 2);
    expect(client.frames.map(({ topics }) => topics)).to.deep.equal([["object:/doc"], ["object:/late"]]);
    expect(client.refused).to.deep.equal(["object:/private/x"]);
  });

  it("takes no messages of a topic that it left", async () => {
    const user = newUser();
    const client = start();
    client.subscribe("object:/a");
    client.subscribe("object:/a");
    await open(client);
    client.unsubscribe("object:/a");
    await site.publish({ to: "object:/a", html: "still wanted" });
    await until("it is there", () => client.frames.length === 1);
    client.unsubscribe("object:/a");
    await site.publish({ to: `user:${user}`, html: "fence" });
    await until("it is there", () => client.frames.length === 2);
    await site.publish({ to: "object:/a", html: "not wanted" });
    await site.publish({ to: `user:${user}`, html: "fence 2" });
    await until("it is there", () => texts(client).includes("fence 2"));
    expect(texts(client)).not.to.include("not wanted");
  });

  it("asks for more topics than one hello and one second take", async () => {
    newUser();
    const client = start({ renderedAtMs: Date.now() + OVERLAP_MS });
    for (let index = 0; index < 140; index += 1) client.subscribe(`object:/many/${index}`);
    await open(client);
    await site.publish({ to: "object:/many/0", html: "first" });
    await site.publish({ to: "object:/many/139", html: "last" });
    await until("both are there", () => client.frames.length === 2);
    expect(client.states).to.deep.equal(["connecting", "open"]);
  }).timeout(5000);

  it("waits for a session, and connects when the page is shown with one", async () => {
    logOut();
    const client = start();
    await until("it waits", () => client.state === "signed-out");
    newUser();
    window.dispatchEvent(new Event("pageshow"));
    await open(client);
  });

  it("waits when its user's connections are closed on request", async () => {
    const user = newUser();
    const client = start();
    await open(client);
    await site.signOut(user);
    await until("it waits", () => client.state === "signed-out");
  });

  it("stops when the browser belongs to another user", async () => {
    newUser();
    const client = start();
    await open(client);
    const other = newUser();
    await site.publish({ to: `user:${other}`, html: "secret" });
    await site.cut();
    await until("it stops", () => client.state === "stopped");
    expect(client.frames).to.deep.equal([]);
  });

  it("takes no messages for a page that was rendered for another user", async () => {
    logIn("bob");
    const client = start({ user: "jane" });
    await until("it stops", () => client.state === "stopped");
  });

  it("comes through by HTTP where no WebSocket does", async () => {
    const user = newUser();
    await site.way({ webSockets: false });
    const client = start();
    await until("it is open", () => client.state === "open");
    await site.publish({ to: `user:${user}`, html: "by HTTP" });
    await until("it is there", () => client.frames.length === 1);
  }).timeout(5000);

  it("goes on with the next message when one cannot be taken", async () => {
    const user = newUser();
    const taken: unknown[] = [];
    const errors: unknown[] = [];
    const record = (event: ErrorEvent): void => {
      event.preventDefault();
      errors.push(event.error);
    };
    const onError = window.onerror;
    window.onerror = () => true; // the test runner's own
    window.addEventListener("error", record);
    const client = start({
      onMessage({ message }) {
        if (message.html === "1") throw new Error("cannot");
        taken.push(message.html);
      },
    });
    await open(client);
    for (const html of ["1", "2"]) await site.publish({ to: `user:${user}`, html });
    await until("the second is taken", () => taken.length === 1);
    window.removeEventListener("error", record);
    window.onerror = onError;
    expect(errors).to.have.length(1);
  });
});
