/** The add-on beside the bundle that Plone 6 sends to its editors, as `plone.staticresources` has it. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTabSite, until, type TabSite } from "./tab-site.ts";

/** Plone, and its plone.staticresources. */
const RELEASES = [
  ["6.1", "2.2.5"],
  ["6.2", "2.3.8"],
] as const;
const BUNDLE = "/++plone++static/bundle-plone/bundle.min.js";

const run = promisify(execFile);
/** What the page writes to the console, from warnings on. */
function listen(page: Page): string[] {
  const heard: string[] = [];
  page.on("console", (message) => {
    if (["warning", "error"].includes(message.type()) && !message.location().url.endsWith("/favicon.ico"))
      heard.push(message.text());
  });
  page.on("pageerror", (error) => heard.push(String(error)));
  return heard;
}

describe.each(RELEASES)("beside the bundle of Plone %s", (_, release) => {
  const owned = new AsyncDisposableStack();
  let site: TabSite;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "plone-bundle-"));
    owned.defer(() => rm(folder, { recursive: true, force: true }));
    const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder];
    await run("python3", [...pip, `plone.staticresources==${release}`]);
    const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    await run("python3", ["-m", "zipfile", "-e", join(folder, wheel ?? ""), folder]);
    site = await startTabSite(join(folder, "plone/staticresources/static"));
    owned.defer(() => site.close());
  });
  afterAll(() => owned.disposeAsync());

  it("starts by itself, uses Plone's jQuery and registry, and adds no warning to Plone's own", async () => {
    const browser = await site.browser("jane");
    const origin = `http://127.0.0.1:${site.port}`;

    const without = await browser.context.newPage();
    const heardWithout = listen(without);
    await without.goto(`${origin}/page?${new URLSearchParams({ user: "jane", bundle: BUNDLE, push: "no" })}`);
    await without.waitForSelector("body.patterns-loaded", { state: "attached" });
    await without.waitForTimeout(1000);

    const page = await browser.context.newPage();
    const heard = listen(page);
    await page.goto(`${origin}/page?${new URLSearchParams({ user: "jane", bundle: BUNDLE })}`);
    await page.waitForSelector("body.push-online", { state: "attached" });
    await page.evaluate(() => {
      const scope = globalThis as unknown as {
        jQuery: (of: Document) => { on(type: string, act: () => void): void };
        heardByPlone: number;
      };
      scope.heardByPlone = 0;
      scope.jQuery(document).on("patterns-injected", () => (scope.heardByPlone += 1));
    });
    await site.publish({ to: "user:jane", html: "<li>1</li>", target: "#list::after" });
    await until(async () => (await page.locator("#list > li").count()) === 1);

    const seen = await page.evaluate(() => {
      const scope = globalThis as unknown as {
        __patternslib_registry: Record<string, { prototype?: object }>;
        heardByPlone: number;
      };
      return {
        patterns: Object.keys(scope.__patternslib_registry).filter((name) =>
          /^(?:inject(?:-async)?|push)$/.test(name),
        ),
        heardByPlone: scope.heardByPlone,
      };
    });
    // Plone's bundle has no pattern `push`: ours takes the name.
    expect(seen.patterns.toSorted()).toEqual(["inject", "inject-async", "push"]);
    expect(seen.heardByPlone).toBe(1);
    expect(heard).toEqual(heardWithout);
  });
});
