import { describe, expect, it } from "vitest";
import { TestBrowser } from "./testing/test-browser.ts";
import { PUBLISH_SECRET, TestSite } from "./testing/test-site.ts";

describe("a session", () => {
  it("that the CMS no longer knows closes its connections with 4010, on every transport", async () => {
    const site = await TestSite.start({ revalidateMs: 200 });
    const jane = await site.connect("jane.old");
    const renewed = await site.connect("jane.new");
    const browser = await TestBrowser.start(site.origin, "jane.old");
    const streaming = browser.sockJs("xhr-streaming");
    await streaming.opened;
    site.cms.revoked.add("jane.old");
    expect(await jane.closed).toEqual({ code: 4010, reason: "session-expired" });
    expect(await streaming.closed).toEqual({ code: 4010, reason: "session-expired" });
    await site.push.publish({ to: "user:jane", marker: "still here" });
    await renewed.until(() => renewed.markers.includes("still here"));
  });

  it("that is renewed while a polling transport is open goes on with the renewed cookie", async () => {
    const site = await TestSite.start({ revalidateMs: 200 });
    const browser = await TestBrowser.start(site.origin, "jane.old");
    const client = browser.sockJs("xhr-polling");
    await client.opened;
    client.send({ type: "hello" });
    await client.until(() => client.frames.length > 0);
    browser.user = "jane.new";
    await site.push.publish({ to: "user:jane", marker: "ends the poll that has the old cookie" });
    await client.until(() => client.markers.length === 1);
    client.send({ type: "subscribe", topic: "object:/any" }); // comes with the new one
    await client.until(() => client.frames.some(({ type }) => type === "refused"));
    site.cms.revoked.add("jane.old");
    const asked = site.cms.asked.get("/whoami") ?? 0;
    while ((site.cms.asked.get("/whoami") ?? 0) < asked + 3)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await site.push.publish({ to: "user:jane", marker: "still here" });
    await client.until(() => client.markers.includes("still here"));
  });

  it("whose user changes groups gets the topics of the new ones and loses those of the old", async () => {
    const site = await TestSite.start({ revalidateMs: 200 });
    site.cms.addUser("jane", ["old"]);
    const jane = await site.connect("jane");
    site.cms.addUser("jane", ["new"]);
    while (!jane.markers.includes("to the new")) {
      await site.push.publish({ to: "group:new", marker: "to the new" });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await site.push.publish({ to: "group:old", marker: "to the old" });
    await site.push.publish({ to: "user:jane", marker: "last" });
    await jane.until(() => jane.markers.includes("last"));
    expect(jane.markers).not.toContain("to the old");
  });

  it("loses an object topic when the CMS no longer shows the object", async () => {
    const site = await TestSite.start({ revalidateMs: 200 });
    site.cms.addUser("jane", [], ["/plan"]);
    const jane = await site.connect("jane", { topics: ["object:/plan"] });
    await jane.frame("subscribed");
    site.cms.addUser("jane", [], []);
    expect(await jane.frame("refused")).toEqual({ type: "refused", topic: "object:/plan" });
    await site.push.publish({ to: "object:/plan", marker: "hidden" });
    await site.push.publish({ to: "user:jane", marker: "last" });
    await jane.until(() => jane.markers.includes("last"));
    expect(jane.markers).toEqual(["last"]);
  });

  it("outlives a CMS that is away for less than the grace, and ends with 4013 and a delay after it", async () => {
    const site = await TestSite.start({ revalidateMs: 200, cmsOptions: { graceSeconds: 3 } });
    const jane = await site.connect("jane");
    site.cms.status = 503;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await site.push.publish({ to: "user:jane", marker: "within the grace" });
    await jane.until(() => jane.markers.includes("within the grace"));
    expect(await jane.closed).toMatchObject({
      code: 4013,
      reason: expect.stringMatching(/^cms-unknown \d+$/),
    });
  });

  it("is asked about again a few at a time, so that newcomers get in meanwhile", async () => {
    const site = await TestSite.start({ revalidateMs: 500 });
    await Promise.all(Array.from({ length: 30 }, (_, index) => site.connect(`jane.${index}`)));
    const asked = (): number => site.cms.asked.get("/whoami") ?? 0;
    const before = asked();
    site.cms.hold();
    while (asked() < before + 4) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 500)); // whatever else is due
    const john = site.visit("john");
    while (asked() < before + 5) await new Promise((resolve) => setTimeout(resolve, 20));
    site.cms.release();
    await john.opened();
    while (asked() < before + 35) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(site.push.connections).toBe(31);
  });

  it("that becomes another user's ends for the one whose it was", async () => {
    const site = await TestSite.start();
    site.cms.sessions.set("session-7", "jane");
    const jane = await site.connect("session-7");
    site.cms.sessions.set("session-7", "john");
    await new Promise((resolve) => setTimeout(resolve, 100)); // the answer is believed for so long
    const john = await site.connect("session-7");
    expect(await john.frame("welcome")).toMatchObject({ user: "john" });
    expect(await jane.closed).toEqual({ code: 4010, reason: "session-expired" });
  });

  it("brings new groups with a new connection, for all that are open", async () => {
    const site = await TestSite.start({ revalidateMs: 3_600_000 });
    site.cms.addUser("jane", ["old"]);
    const jane = await site.connect("jane");
    site.cms.addUser("jane", ["new"]);
    await new Promise((resolve) => setTimeout(resolve, 100)); // the answer is believed for so long
    const again = await site.connect("jane");
    await site.push.publish({ to: "group:old", marker: "to the old" });
    await site.push.publish({ to: "group:new", marker: "to the new" });
    for (const client of [jane, again]) {
      await client.until(() => client.markers.includes("to the new"));
      expect(client.markers).toEqual(["to the new"]);
    }
  });

  it("is asked about once for all its connections, when they come and whenever it is checked again", async () => {
    const site = await TestSite.start({ cmsOptions: { cacheSeconds: 60 } });
    await Promise.all(Array.from({ length: 30 }, () => site.connect("jane")));
    expect(site.cms.asked.get("/whoami")).toBe(1);
    const checked = await TestSite.start({ revalidateMs: 100, cmsOptions: { cacheSeconds: 60 } });
    const asked = (): number => checked.cms.asked.get("/whoami") ?? 0;
    await Promise.all(Array.from({ length: 30 }, () => checked.connect("jane")));
    const before = asked();
    while (asked() < before + 2) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked()).toBe(before + 2);
    expect(checked.push.connections).toBe(30);
  });

  it("ends with 4011 on request over HTTP, connected or about to greet, and may come back", async () => {
    const site = await TestSite.start();
    site.cms.addUser("jane doe", []);
    const [jane, silent, john] = [
      await site.connect("jane doe"),
      await site.visit("jane doe").opened(),
      await site.connect("john"),
    ];
    const path = "/push/users/jane%20doe/connections";
    expect((await site.fetch(path, { method: "DELETE" })).status).toBe(401);
    const wrong = { Authorization: "Bearer wrong" };
    expect((await site.fetch(path, { method: "DELETE", headers: wrong })).status).toBe(401);
    expect(john.socket.readyState).toBe(john.socket.OPEN);
    const headers = { Authorization: `Bearer ${PUBLISH_SECRET}` };
    expect((await site.fetch(path, { method: "DELETE", headers })).status).toBe(204);
    expect(await jane.closed).toEqual({ code: 4011, reason: "signed-out" });
    expect(await silent.closed).toEqual({ code: 4011, reason: "signed-out" });
    await site.connect("jane doe");
    expect(site.push.connections).toBe(2);
  });
});
