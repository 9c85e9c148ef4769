/** The browser that the pages under test are opened in, and what they measure themselves with. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { goFirst } from "./priority.ts";
import type { BenchSite } from "./site.ts";

const CHROMIUM = "/usr/bin/chromium";

declare global {
  interface Window {
    bench: Bench;
  }
}

/** In the page: what comes off the wire is held back until all of it is there, so that no transport is measured. */
interface Bench {
  /** A WebSocket is open. */
  connected: boolean;
  /** When the first message was passed on, or an answer was there. */
  arrivedAt: number | undefined;
  /** Holds back messages from now on, until so many are there; then passes them on, one after the other. */
  hold(count: number): void;
  /** Until the row of this number is the last of the list. */
  watch(last: number): void;
  /** Milliseconds from the first arrival to that. */
  done: Promise<number> | undefined;
}

export async function launchChromium(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

/** Opens a page of the site in a browser profile of its own. @param prepare runs in the page before its scripts */
export async function openPage(
  browser: Browser,
  site: BenchSite,
  path: string,
  prepare?: () => void,
): Promise<Page> {
  return await openTab(await browser.newContext(), site, path, prepare);
}

/** Opens a page of the site in a browser profile, as the user. */
export async function openTab(
  context: BrowserContext,
  site: BenchSite,
  path: string,
  prepare?: () => void,
): Promise<Page> {
  await context.addCookies([{ name: "session", value: "jane", url: site.url }]);
  const page = await context.newPage();
  page.on("pageerror", (error) => process.stderr.write(`${path}: ${error.message}\n`));
  await page.addInitScript(installBench);
  if (prepare) await page.addInitScript(prepare);
  await page.goto(site.url + path);
  const browser = context.browser();
  if (browser) await goFirst(browser);
  return page;
}

/** Runs in the page, before its scripts. */
function installBench(): void {
  const held: (() => void)[] = [];
  let awaited = 0;
  const bench: Bench = {
    connected: false,
    arrivedAt: undefined,
    done: undefined,
    hold(count) {
      awaited = count;
      bench.arrivedAt = undefined;
    },
    watch(last) {
      bench.done = new Promise((resolve, reject) => {
        const list = document.querySelector("#list") as Element;
        const observer = new MutationObserver(() => {
          if (list.lastElementChild?.getAttribute("data-row") !== String(last)) return;
          observer.disconnect();
          resolve(performance.now() - (bench.arrivedAt ?? Number.NaN));
        });
        setTimeout(() => reject(new Error(`After a minute there is no row ${last}.`)), 60_000);
        observer.observe(list, { childList: true });
      });
    },
  };
  window.bench = bench;
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("open", () => (bench.connected = true));
      // The first listener: those of the page come after it.
      this.addEventListener("message", (event) => {
        if (awaited === 0 || !event.isTrusted) return;
        event.stopImmediatePropagation();
        const { data, origin } = event;
        held.push(() => this.dispatchEvent(new MessageEvent("message", { data, origin })));
        if (held.length < awaited) return;
        awaited = 0;
        bench.arrivedAt = performance.now();
        for (const passOn of held.splice(0)) passOn();
      });
    }
  };
}
