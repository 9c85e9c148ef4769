/** Tabs of a real browser, on the site of `testing/tab-site.mjs`; closes all of it, whatever happens. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium, type BrowserContext, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
/** Resolved by the browser: a site without TLS, which browsers trust less than `localhost`. */
export const PLAIN_HOST = "intranet.test";

export interface TabSite {
  readonly port: number;
  /** The tabs of one browser, in which this user is logged in. */
  browser(user: string, host?: string): Promise<UserBrowser>;
  publish(message: object): Promise<void>;
  /** Open WebSockets. */
  connections(): Promise<number>;
  closeBrowsers(): Promise<void>;
  close(): Promise<void>;
}

interface UserBrowser {
  readonly context: BrowserContext;
  readonly user: string;
  /** Opens a tab, and waits until it is connected. */
  open(query?: Readonly<Record<string, string>>): Promise<Page>;
  logIn(user: string): Promise<void>;
}

/** @param ploneStatic the folder with Plone's static resources */
export async function startTabSite(ploneStatic?: string): Promise<TabSite> {
  const owned = new AsyncDisposableStack();
  try {
    const script = join(import.meta.dirname, "../testing/tab-site.mjs");
    const program = spawn(process.execPath, [script, ...(ploneStatic === undefined ? [] : [ploneStatic])], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    owned.defer(() => void program.stdin.end());
    const [line] = (await Promise.race([
      once(createInterface({ input: program.stdout }), "line"),
      once(program, "exit"),
    ])) as [unknown];
    if (typeof line !== "string") throw new Error(`${script} ended before it was ready; it says above why.`);
    const port = Number(line);
    const chrome = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
      ],
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    owned.defer(() => chrome.close());
    const control = (path: string, init?: RequestInit): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/__site/${path}`, init);
    const all = owned.move();
    return {
      port,
      async browser(user, host = "127.0.0.1") {
        const context = await chrome.newContext();
        const origin = `http://${host}:${port}`;
        const logIn = (name: string): Promise<void> =>
          context.addCookies([{ name: "session", value: name, url: origin }]);
        await logIn(user);
        const open = async (query: Readonly<Record<string, string>> = {}): Promise<Page> => {
          const page = await context.newPage();
          await page.goto(`${origin}/page?${new URLSearchParams({ user, ...query })}`);
          await page.waitForSelector("body.push-online", { state: "attached" });
          return page;
        };
        return { context, user, open, logIn };
      },
      async publish(message) {
        await control("publish", { method: "POST", body: JSON.stringify(message) });
      },
      connections: async () => Number(await (await control("connections")).text()),
      async closeBrowsers() {
        for (const context of chrome.contexts()) await context.close();
      },
      close: () => all.disposeAsync(),
    };
  } catch (error) {
    await owned.disposeAsync();
    throw error;
  }
}

/** Until the condition holds; what hangs is ended by the test's own time. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
