/** One demo, one browser and their visitors, for the tests of one mode; closes all of it, whatever happens. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { buildClient } from "../build.ts";
import { createDemo, type Demo } from "../src/demo.ts";
import { ACCOUNTS } from "../src/northquay.ts";
import { PrivateRedis } from "./private-redis.ts";
import { watch } from "./watcher.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Small, so that a file over it is quickly made. */
export const MAX_UPLOAD_BYTES = 2_000_000;

export type Mode = "embedded" | "redis";

/** A browser profile in which somebody is logged in. */
type Session = Awaited<ReturnType<BrowserContext["storageState"]>>;

export class World {
  readonly demo: Demo;
  /** In that mode only. */
  readonly redis: PrivateRedis | undefined;
  readonly #browser: Browser;
  readonly #owned: AsyncDisposableStack;
  readonly #sessions = new Map<string, Session>();
  readonly #contexts: BrowserContext[] = [];

  private constructor(
    demo: Demo,
    redis: PrivateRedis | undefined,
    browser: Browser,
    owned: AsyncDisposableStack,
  ) {
    this.demo = demo;
    this.redis = redis;
    this.#browser = browser;
    this.#owned = owned;
  }

  static async create(mode: Mode): Promise<World> {
    if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
    const owned = new AsyncDisposableStack();
    try {
      const folder = await mkdtemp(join(tmpdir(), "demo-e2e-"));
      owned.defer(() => rm(folder, { recursive: true, force: true }));
      const clientFolder = join(folder, "client");
      await buildClient(clientFolder);
      const redis = mode === "redis" ? await PrivateRedis.create() : undefined;
      if (redis) owned.defer(() => redis.close());
      const demo = await createDemo({
        port: 0,
        clientFolder,
        dataFolder: join(folder, "data"),
        maxUploadBytes: MAX_UPLOAD_BYTES,
        ...(redis ? { redisUrl: redis.url } : {}),
      });
      owned.defer(() => demo.close());
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      owned.defer(() => browser.close());
      return new World(demo, redis, browser, owned);
    } catch (error) {
      await owned.disposeAsync();
      throw error;
    }
  }

  /** Opens `path` in a new browser profile in which the account is logged in, watched and connected. */
  async visit(account: string, path: string, url: string = this.demo.url): Promise<Page> {
    const session = this.#sessions.get(account) ?? (await this.#logIn(account));
    this.#sessions.set(account, session);
    const context = await this.#newContext({ storageState: session });
    const page = await context.newPage();
    await watch(page);
    await page.goto(`${url}${path}`);
    await untilConnected(page);
    return page;
  }

  /** Another tab of the same browser profile. */
  async tab(page: Page, path: string): Promise<Page> {
    const tab = await page.context().newPage();
    await watch(tab);
    await tab.goto(new URL(path, page.url()).href);
    await untilConnected(tab);
    return tab;
  }

  /** The login form of a browser without script. */
  async visitWithoutScript(path: string): Promise<Page> {
    const context = await this.#newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${this.demo.url}${path}`);
    return page;
  }

  async #logIn(account: string): Promise<Session> {
    const context = await this.#newContext({});
    const page = await context.newPage();
    await page.goto(this.demo.url);
    await fillLogin(page, account);
    await page.waitForSelector(".me");
    return await context.storageState();
  }

  async #newContext(options: Parameters<Browser["newContext"]>[0]): Promise<BrowserContext> {
    const context = await this.#browser.newContext(options);
    this.#contexts.push(context);
    return context;
  }

  /** Ends all visits; the demo, the browser and the sessions stay for the next test. */
  async everybodyLeaves(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

export async function fillLogin(page: Page, account: string): Promise<void> {
  await page.fill("[name=user]", account);
  await page.fill("[name=password]", ACCOUNTS.find(({ id }) => id === account)?.password ?? "");
  await page.click("form[action='/login'] button");
}

/** pat-push says so on the body. */
async function untilConnected(page: Page): Promise<void> {
  await page.waitForSelector("body.push-online");
}
