/** What people have asked of their browser: less motion. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTabSite, type TabSite } from "./tab-site.ts";

let site: TabSite;

beforeAll(async () => {
  site = await startTabSite();
});
afterEach(() => site.closeBrowsers());
afterAll(() => site?.close());

describe("a page", () => {
  it.each([
    ["moves nothing for people who want less motion", "reduce", 0, "none"],
    ["moves what is asked for otherwise", "no-preference", 1, "pat-push-toast"],
  ] as const)("%s", async (_, reducedMotion, transitions, animation) => {
    const user = `motion-${reducedMotion}`;
    const browser = await site.browser(user);
    const page = await browser.open();
    await page.emulateMedia({ reducedMotion });
    await page.evaluate(() => {
      const start = document.startViewTransition.bind(document);
      document.startViewTransition = (update) => {
        document.body.dataset["transitions"] = String(Number(document.body.dataset["transitions"] ?? 0) + 1);
        return start(update);
      };
    });
    const root = 'class="pat-inject-async" data-pat-inject-async="target: #list::after; transition: view"';
    await site.publish({ to: `user:${user}`, html: `<li ${root}>1</li>` });
    await page.waitForSelector("#list > li");
    await site.publish({ to: `user:${user}`, html: "<p>Done</p>", kind: "notification" });
    const toast = page.locator(".pat-push-toast");
    await toast.waitFor();
    expect(Number((await page.getAttribute("body", "data-transitions")) ?? 0)).toBe(transitions);
    expect(await toast.evaluate((element) => getComputedStyle(element).animationName)).toBe(animation);
  });
});
