/** What a tab goes through in a week: a connection that dies silently. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTabSite, until, type TabSite } from "./tab-site.ts";

let site: TabSite;

beforeAll(async () => {
  site = await startTabSite();
});
afterEach(() => site.closeBrowsers());
afterAll(() => site?.close());

describe("a tab that is open for long", () => {
  it("notices that its connection is dead, and catches up", async () => {
    const browser = await site.browser("silent");
    const page = await browser.context.newPage();
    await page.clock.install();
    let connections = 0;
    await page.routeWebSocket(/\/push\//, (socket) => {
      const server = socket.connectToServer();
      const isFirst = (connections += 1) === 1;
      let silent = false;
      server.onMessage((text) => {
        if (!silent) socket.send(text);
        silent = isFirst && String(text).includes("welcome");
      });
      socket.onMessage((text) => server.send(text));
    });
    await page.goto(`http://127.0.0.1:${site.port}/page?user=silent&worker=no`);
    await page.waitForSelector("body.push-online", { state: "attached" });
    await site.publish({ to: "user:silent", html: "<li>missed</li>", target: "#list::after" });
    await page.clock.fastForward(65_000);
    await until(async () => (await page.locator("#list > li").count()) === 1);
    expect(connections).toBe(2);
  });
});
