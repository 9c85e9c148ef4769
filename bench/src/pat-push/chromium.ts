/** The browser that the pages under test are opened in, and what they measure themselves with. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import type { BenchSite } from "./site.ts";

const CHROMIUM = "/usr/bin/chromium";

declare global {
  interface Window {
    bench: Bench;
  }
}

/** In the page: when the first thing came off the wire, and when the last row stood in the list. */
interface Bench {
  arrivedAt: number | undefined;
  /** A WebSocket is open. */
  connected: boolean;
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
  return page;
}

/** Runs in the page, before its scripts. */
function installBench(): void {
  const bench: Bench = {
    arrivedAt: undefined,
    connected: false,
    done: undefined,
    watch(last) {
      bench.done = new Promise((resolve, reject) => {
        bench.arrivedAt = undefined;
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
      this.addEventListener("message", () => (bench.arrivedAt ??= performance.now()));
    }
  };
}
