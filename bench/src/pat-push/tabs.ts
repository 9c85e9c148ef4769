/** `npm run pat-push:tabs -w bench`: ten tabs of one user, counted at the push server, and what each of them gets. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";
import { median } from "../docconv/median.ts";
import { withBrowser, type BenchRun } from "./bench-run.ts";
import { openTab } from "./chromium.ts";
import { ENGINES } from "./engines.ts";
import { printFigures } from "./figures.ts";
import { row } from "./rows.ts";

const TABS = 10;

export async function benchTabs({ browser, site }: BenchRun): Promise<void> {
  const { head, body } = ENGINES["pat-push"];
  const user = '<meta name="patterns-push-user" content="jane">';
  site.pages.set("/tab", `<!doctype html><title>Tab</title>${user}${head}${body}`);
  const context = await browser.newContext();
  try {
    const tabs = [];
    for (let tab = 0; tab < TABS; tab += 1) tabs.push(await openTab(context, site, "/tab"));
    for (const tab of tabs) await ENGINES["pat-push"].ready(tab);
    await sleep(1000); // a connection too many would be there by now
    const { connections } = site.push;
    await site.push.publish({ to: "user:jane", html: row(0), target: "#list::after" });
    for (const tab of tabs) await tab.waitForSelector('[data-row="0"]', { state: "attached" });
    await sleep(500); // a second copy would be there by now
    const counts = await Promise.all(
      tabs.map((tab) => tab.evaluate(() => document.querySelectorAll("[data-row]").length)),
    );
    for (const tab of tabs) await tab.close();
    const takeovers = await takeOver(site, context);
    printFigures(`${TABS} tabs of one user`, [
      { what: "sessions at the push server", measured: connections, unit: "", target: { atMost: 1 } },
      {
        what: "tabs that got the message, once",
        measured: counts.filter((count) => count === 1).length,
        unit: "",
        target: { atLeast: TABS },
      },
      {
        what: "the tab with the connection closes: the next one has it after",
        measured: median(takeovers),
        unit: "ms",
        target: { atMost: 1000 },
      },
    ]);
  } finally {
    await context.close();
  }
}

/** Without a SharedWorker, the first tab has the connection; milliseconds from its end until the next has one. */
async function takeOver(site: BenchRun["site"], context: BrowserContext): Promise<number[]> {
  const alone = '<meta name="patterns-push-worker" content="/nowhere.js">';
  site.pages.set("/alone", `${alone}${site.pages.get("/tab") ?? ""}`);
  const tabs: Page[] = [];
  for (let tab = 0; tab < TABS; tab += 1) {
    tabs.push(await openTab(context, site, "/alone"));
    await ENGINES["pat-push"].ready(tabs.at(-1) as Page);
  }
  const times: number[] = [];
  for (const tab of tabs.slice(0, -1)) {
    const { sessions } = site;
    const began = performance.now();
    await tab.close();
    while (site.sessions === sessions) await sleep(1);
    times.push(performance.now() - began);
    await sleep(200);
  }
  return times;
}

if (import.meta.main) await withBrowser(benchTabs);
