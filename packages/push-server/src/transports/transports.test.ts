import { describe, expect, it } from "vitest";
import { TestBrowser, type SockJsTransport } from "../testing/test-browser.ts";
import { TestSite } from "../testing/test-site.ts";

const TRANSPORTS: readonly SockJsTransport[] = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];

describe.each(TRANSPORTS)("sockjs-client over %s", (transport) => {
  it("gets its welcome, what it missed, what it subscribes to, and what comes", async () => {
    const site = await TestSite.start();
    site.cms.addUser("jane", ["staff"], ["/plan"]);
    const before = await site.connect("jane");
    const { cursor } = await before.frame("welcome");
    await site.push.publish({ to: "group:staff", marker: 'missed \u2028 é 🙂 "quoted"' });
    const browser = await TestBrowser.start(site.origin, "jane");
    const client = browser.sockJs(transport);
    await client.opened;
    client.send({ type: "hello", cursor });
    client.send({ type: "subscribe", topic: "object:/plan" });
    await client.until(() => client.frames.some(({ type }) => type === "subscribed"));
    for (const marker of ["one", "two", "three"]) await site.push.publish({ to: "object:/plan", marker });
    await client.until(() => client.markers.length === 4);
    expect(client.frames[0]).toEqual({ type: "welcome", user: "jane", cursor, recovered: true });
    expect(client.markers).toEqual(['missed \u2028 é 🙂 "quoted"', "one", "two", "three"]);
    expect(client.messages.map(({ topics }) => topics)).toEqual([
      ["group:staff"],
      ["object:/plan"],
      ["object:/plan"],
      ["object:/plan"],
    ]);
  });

  it("is told why it is closed", async () => {
    const site = await TestSite.start();
    const browser = await TestBrowser.start(site.origin, "jane");
    const client = browser.sockJs(transport);
    await client.opened;
    client.send({ type: "hello" });
    await client.until(() => client.frames.length > 0);
    await site.push.closeConnections("jane");
    expect(await client.closed).toEqual({ code: 4011, reason: "signed-out" });
  });

  it("gets every message of a flood, in its order", async () => {
    const site = await TestSite.start();
    const browser = await TestBrowser.start(site.origin, "jane");
    const client = browser.sockJs(transport);
    await client.opened;
    client.send({ type: "hello" });
    await client.until(() => client.frames.length > 0);
    const markers = Array.from({ length: 400 }, (_, index) => `${index} ${"x".repeat(2000)}`);
    await Promise.all(markers.map((marker) => site.push.publish({ to: "user:jane", marker })));
    await client.until(() => client.markers.length === markers.length);
    expect(client.markers).toEqual(markers);
  });

  it("is not let in without a session that the CMS knows", async () => {
    const site = await TestSite.start();
    const browser = await TestBrowser.start(site.origin, "stranger");
    expect((await browser.sockJs(transport).closed).code).toBe(1002);
  });
});
