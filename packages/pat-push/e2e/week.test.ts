/** What a tab goes through in a week: a connection that dies silently, thousands of elements that come and go. */
import type { Page } from "playwright-core";
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

  it("keeps nothing of 10,000 elements that came and went", async () => {
    const browser = await site.browser("thousands");
    const page = await browser.context.newPage();
    await page.addInitScript(countTimersAndObservers);
    await page.goto(`http://127.0.0.1:${site.port}/page?user=thousands`);
    await page.waitForSelector("body.push-online", { state: "attached" });
    await comeAndGo(site, page, 2);
    const before = await whatIsHeld(page);
    await comeAndGo(site, page, 10_000 / EACH);
    // Of ten thousand, each with a listener, a timer or a node that stayed, there would be thousands.
    const most = Object.entries(before).map(([what, count]) => [what, count + 100] as const);
    await expect
      .poll(
        async () => {
          const held = await whatIsHeld(page);
          return most.filter(([what, count]) => (held[what] ?? 0) > count);
        },
        { timeout: 20_000 },
      )
      .toEqual([]);
  });
});

const EACH = 250;

/** Elements that wait for a push-id come; then they go. */
async function comeAndGo(tabSite: TabSite, page: Page, rounds: number): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const rows = Array.from(
      { length: EACH },
      (_, index) =>
        `<li id="r${index}"><i class="pat-inject-async" data-pat-inject-async="push-id: none-${index}; target: self"></i></li>`,
    );
    await tabSite.publish({ to: "user:thousands", html: rows.join(""), target: "#list" });
    await page.waitForFunction((count) => document.querySelectorAll("#list > li").length === count, EACH);
    await tabSite.publish({ to: "user:thousands", html: `<li>${round}</li>`, target: "#list" });
    await page.waitForFunction(
      (text) => document.querySelector("#list")?.textContent === text,
      String(round),
    );
  }
}

/** Runs in the page before its scripts. */
function countTimersAndObservers(): void {
  const timers = new Set<unknown>();
  const setTimer = window.setTimeout.bind(window) as (act: () => void, ms?: number) => number;
  const clearTimer = window.clearTimeout.bind(window);
  Object.assign(window, {
    setTimeout(act: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): number {
      const timer = setTimer(() => {
        timers.delete(timer);
        act(...args);
      }, ms);
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer?: number): void {
      timers.delete(timer);
      clearTimer(timer);
    },
    timersHeld: () => timers.size,
  });
  let observed = 0;
  for (const Observer of [MutationObserver, IntersectionObserver, ResizeObserver]) {
    const own = new WeakMap<object, number>();
    const Counted = class extends (Observer as typeof MutationObserver) {
      override observe(...args: Parameters<MutationObserver["observe"]>): void {
        observed += 1;
        own.set(this, (own.get(this) ?? 0) + 1);
        super.observe(...args);
      }
      override disconnect(): void {
        observed -= own.get(this) ?? 0;
        own.delete(this);
        super.disconnect();
      }
    };
    Object.assign(window, { [Observer.name]: Counted });
  }
  Object.assign(window, { observedNow: () => observed });
}

/** After what is not needed was collected. */
async function whatIsHeld(page: Page): Promise<Record<string, number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  for (let time = 0; time < 3; time += 1) await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  await session.detach();
  const metric = (name: string): number => metrics.find((each) => each.name === name)?.value ?? Number.NaN;
  const held = await page.evaluate(() => {
    const { timersHeld, observedNow } = window as unknown as Record<string, () => number>;
    return { timers: timersHeld?.() ?? Number.NaN, observed: observedNow?.() ?? Number.NaN };
  });
  return { listeners: metric("JSEventListeners"), nodes: metric("Nodes"), ...held };
}
