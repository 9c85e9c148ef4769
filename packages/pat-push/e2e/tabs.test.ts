/** The tabs of one browser, as users have them: real tabs that share, crash, freeze, and go back. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PLAIN_HOST, startTabSite, until, type TabSite } from "./tab-site.ts";

let site: TabSite;
let users = 0;
const newUser = (): string => `u${Date.now().toString(36)}-${users++}`;

beforeAll(async () => {
  site = await startTabSite();
});
afterEach(async () => {
  await site.closeBrowsers();
  await until(async () => (await site.connections()) === 0);
});
afterAll(() => site?.close());

/** A row for the list of every page of the user. */
function row(user: string, text: string): object {
  return { to: `user:${user}`, html: `<li>${text}</li>`, target: "#list::after" };
}

async function rows(page: Page, count: number): Promise<string[]> {
  const items = page.locator("#list > li");
  await until(async () => (await items.count()) >= count);
  await sleep(100); // what comes twice comes soon
  return await items.allTextContents();
}

/** Whether the page has been here all the time. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(globalThis, { marked: true }));
}

for (const [how, query] of [
  ["a SharedWorker", {}],
  ["one of them", { worker: "no" }],
] as const) {
  describe(`tabs with their connection in ${how}`, () => {
    it("are one session for the server, ten of them, and each gets every message once", async () => {
      const browser = await site.browser(newUser());
      const tabs = await Promise.all(Array.from({ length: 10 }, () => browser.open(query)));
      expect(await site.connections()).toBe(1);
      for (const text of ["1", "2", "3"]) await site.publish(row(browser.user, text));
      for (const tab of tabs) expect(await rows(tab, 3)).toEqual(["1", "2", "3"]);
    });

    it("lose nothing when they are closed and when they crash, one after the other, from the first", async () => {
      const browser = await site.browser(newUser());
      const tabs: Page[] = [];
      for (let index = 0; index < 5; index += 1) tabs.push(await browser.open(query));
      const sent: string[] = [];
      const send = async (): Promise<void> => {
        sent.push(String(sent.length));
        await site.publish(row(browser.user, sent.at(-1) ?? ""));
      };
      await send();
      for (const end of ["close", "crash", "close", "crash"]) {
        const tab = tabs.shift() as Page;
        if (end === "close") await tab.close();
        else await crash(tab);
        await send();
        await sleep(50);
        await send();
        for (const other of tabs) expect(await rows(other, sent.length)).toEqual(sent);
      }
      expect(await site.connections()).toBe(1);
    });

    it("come back from the back/forward cache as they were, and catch up", async () => {
      const browser = await site.browser(newUser());
      const tab = await browser.open(query);
      await site.publish(row(browser.user, "1"));
      await rows(tab, 1);
      await mark(tab);
      await tab.goto(`http://127.0.0.1:${site.port}/elsewhere`);
      await until(async () => (await site.connections()) === 0);
      await site.publish(row(browser.user, "2"));
      await tab.evaluate(() => history.back()).catch(() => undefined); // Playwright waits for a load that never comes
      expect(await rows(tab, 2)).toEqual(["1", "2"]);
      expect(await tab.evaluate(() => "marked" in globalThis)).toBe(true);
    });

    it("catch up after they were frozen", async () => {
      const browser = await site.browser(newUser());
      const tab = await browser.open(query);
      const other = await browser.open(query);
      const session = await browser.context.newCDPSession(tab);
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      await site.publish(row(browser.user, "1"));
      expect(await rows(other, 1)).toEqual(["1"]);
      await session.send("Page.setWebLifecycleState", { state: "active" });
      expect(await rows(tab, 1)).toEqual(["1"]);
    });
  });
}

describe("tabs share", () => {
  it.each([
    ["on a site without TLS, in a SharedWorker", PLAIN_HOST, {}],
    [
      "where the policy lets no worker start",
      "127.0.0.1",
      { policy: "default-src 'self'; worker-src 'none'; style-src 'unsafe-inline'" },
    ],
    ["with a script of another origin", "127.0.0.1", { scripts: "http://localhost" }],
  ])("%s", async (_, host, query) => {
    const scripts = "scripts" in query ? { scripts: `${query.scripts}:${site.port}` } : {};
    const browser = await site.browser(newUser(), host);
    const tabs = [await browser.open({ ...query, ...scripts }), await browser.open({ ...query, ...scripts })];
    expect(await site.connections()).toBe(1);
    await site.publish(row(browser.user, "1"));
    for (const tab of tabs) expect(await rows(tab, 1)).toEqual(["1"]);
  });

  it("no longer once another user has logged in", async () => {
    const [jane, bob] = [newUser(), newUser()];
    const browser = await site.browser(jane);
    const [first, second] = [await browser.open(), await browser.open()];
    await browser.logIn(bob);
    const bobs = await browser.open({ user: bob });
    for (const tab of [first, second]) await tab.waitForSelector("body.push-stopped", { state: "attached" });
    await site.publish(row(jane, "jane's"));
    await site.publish(row(bob, "bob's"));
    expect(await rows(bobs, 1)).toEqual(["bob's"]);
    for (const tab of [first, second]) expect(await rows(tab, 0)).toEqual([]);
  });
});

/** Its renderer dies, and with it whatever else lives there. */
async function crash(tab: Page): Promise<void> {
  const session = await tab.context().newCDPSession(tab);
  const crashed = tab.waitForEvent("crash");
  void session.send("Page.crash").catch(() => undefined);
  await crashed;
}
