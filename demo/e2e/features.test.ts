/** The pages about the features, each driven in Chromium as a visitor would, its server publishing for real. */
import type { Page } from "playwright-core";
import type { MessageBody } from "push-protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FEATURES } from "../src/features.ts";
import { featurePath } from "../src/features/feature.ts";
import { listen, type Listener } from "./listener.ts";
import { PATIENCE_MS } from "./steps.ts";
import { World } from "./world.ts";

const ENTITIES: Readonly<Record<string, string>> = { 38: "&", 60: "<", 62: ">", 34: '"', 39: "'" };

/** What these publish is for others, too, or while nobody is connected. */
const ELSEWHERE = new Set(["objects", "reconnecting"]);

describe("the features", () => {
  let world: World;
  let listener: Listener | undefined;
  beforeAll(async () => {
    world = await World.create("embedded");
  });
  afterEach(async () => {
    listener?.close();
    listener = undefined;
    await world?.everybodyLeaves();
  });
  afterAll(() => world?.close());

  const visit = (name: string, account = "jane"): Promise<Page> =>
    world.visit(account, featurePath({ name }));

  it("are found from the header of every page", async () => {
    const jane = await world.visit("jane", "/");
    await jane.click("header.site >> text=Features");
    const links = jane.locator(".features li a");
    expect(await links.count()).toBe(FEATURES.length);
    for (const [index, { title, name }] of FEATURES.entries()) {
      expect(await links.nth(index).textContent()).toBe(title);
      expect(await links.nth(index).getAttribute("href")).toBe(featurePath({ name }));
    }
  });

  it("are for those who are logged in, and other sites cannot press their buttons", async () => {
    const path = featurePath({ name: "toasts" }, "notification");
    const url = world.demo.url + path;
    const stranger = await fetch(url, { method: "POST", body: "text=x", redirect: "manual" });
    expect(stranger.status).toBe(401);
    const jane = await visit("toasts");
    const forged = await jane.request.post(url, { headers: { origin: "http://elsewhere.example" } });
    expect(forged.status()).toBe(403);
  });

  it("show the markup that they use", async () => {
    const jane = await visit("inject");
    for (const { name, markup } of FEATURES) {
      const source = await (await jane.request.get(world.demo.url + featurePath({ name }))).text();
      const [, alive] = /<section class="stage panel"[^>]*>(.*?)<\/section>/s.exec(source) ?? [];
      const [, shown] = /<pre tabindex="0"><code>(.*?)<\/code>/s.exec(source) ?? [];
      expect(alive === undefined, name).toBe(markup === undefined);
      expect(shown && unescape(shown), name).toBe(alive);
    }
  });

  it("show the messages that they publish", async () => {
    const jane = await visit("inject");
    listener = await listen(jane);
    for (const feature of FEATURES.filter(({ name }) => !ELSEWHERE.has(name))) {
      await jane.goto(world.demo.url + featurePath(feature));
      for (const { name } of feature.actions) {
        const shown = await shownMessage(jane, `form[action="${featurePath(feature, name)}"]`);
        await press(jane, feature.name, name);
        await expect
          .poll(() => listener?.messages.map(asShown), { timeout: PATIENCE_MS })
          .toContainEqual(shown);
      }
      expect(await jane.evaluate(() => window.violations)).toEqual([]);
    }
  });

  it("inject by source and target", async () => {
    const jane = await visit("inject");
    const stage = () =>
      jane.locator(".stage").evaluate((element) => element.textContent.replaceAll(/\s+/g, " ").trim());
    for (const [name, text] of [
      ["content", "The bulletin A boat"],
      ["before", "The bulletin A boatA boat"],
      ["after", "The bulletin A boatA boatA boat"],
      ["element", "Another bulletin A boatA boatA boat"],
      ["element-before", "News from the quayAnother bulletin A boatA boatA boat"],
      ["element-after", "News from the quayAnother bulletinNews from the quay A boatA boatA boat"],
      ["source", "News from the quayBerth 4 is free.News from the quay A boatA boatA boat"],
      [
        "source-element",
        "News from the quayBerth 4 is free.Berth 4 is free.News from the quay A boatA boatA boat",
      ],
      [
        "both",
        "News from the quayBerth 4 is free.Berth 4 is free.News from the quay A boatA boatA boatBerth 5 is taken.",
      ],
    ] as const) {
      await press(jane, "inject", name);
      await expect.poll(stage, { timeout: PATIENCE_MS, message: name }).toBe(text);
    }
    await press(jane, "inject", "own");
    await jane.waitForSelector("#boats > li.fresh:last-child");
  });

  it("fetch when a push-id is called: replace, append, submit", async () => {
    const jane = await visit("push-id");
    await press(jane, "push-id", "call");
    for (const place of ["#tide-now .gauge", ".stage p + p b", "#tide-log > .gauge", "#tide-form"])
      await jane.waitForSelector(`${place}:text("m at")`);
    await press(jane, "push-id", "call");
    await expect.poll(() => jane.locator("#tide-log > .gauge").count(), { timeout: PATIENCE_MS }).toBe(2);
    expect(await jane.locator("#tide-now .gauge").count()).toBe(1);
  });

  it("tell of an object those who may see it", async () => {
    const jane = await visit("objects");
    const noam = await visit("objects", "noam");
    const eve = await visit("objects", "eve");
    await press(jane, "objects", "gatehouse");
    await press(jane, "objects", "quay-renewal");
    for (const [page, id] of [
      [jane, "quay-renewal"],
      [noam, "quay-renewal"],
      [noam, "gatehouse"],
      [eve, "gatehouse"],
    ] as const)
      await page.waitForSelector(`#in-${id}:text("Something happened")`);
    expect(await jane.textContent("#in-gatehouse")).toMatch("nothing yet");
    expect(await eve.textContent("#in-quay-renewal")).toMatch("nothing yet");
  });

  it("take nothing older after something newer", async () => {
    const jane = await visit("versions");
    listener = await listen(jane);
    await press(jane, "versions", "3");
    await jane.waitForSelector('#draft:text("version 3")');
    await press(jane, "versions", "2");
    const later = featurePath({ name: "inject" }, "content");
    await jane.request.post(world.demo.url + later, { form: {} });
    await expect
      .poll(() => listener?.messages.map(({ target }) => target), { timeout: PATIENCE_MS })
      .toContain("#boats");
    expect(await jane.textContent("#draft")).toMatch("version 3");
    await jane.reload();
    await press(jane, "versions", "2");
    await jane.waitForSelector('#draft:text("version 2")');
  });

  it("add once, morph and remove", async () => {
    const jane = await visit("actions");
    await press(jane, "actions", "upsert");
    await jane.waitForSelector('#lot-wool:text("arrived")');
    await jane.fill('form[action$="/upsert"] [name=text]', "<b>late</b>");
    await press(jane, "actions", "upsert");
    await jane.waitForSelector('#lot-wool:text("<b>late</b>")');
    expect(await jane.locator("#cargo > li").count()).toBe(4);
    const same = await jane.evaluateHandle(() => document.querySelector("#lot-timber"));
    await press(jane, "actions", "morph");
    await jane.waitForSelector('#lot-grain:text("arrived")');
    expect(await jane.evaluate((row) => row === document.querySelector("#lot-timber"), same)).toBe(true);
    await press(jane, "actions", "remove");
    await jane.waitForSelector("#lot-salt", { state: "detached" });
  });

  it("leave alone what somebody types", async () => {
    const jane = await visit("calm");
    await press(jane, "calm", "replace");
    await jane.click("#desk summary");
    await jane.fill("#desk [name=longer]", "A longer note");
    const note = jane.locator("#desk [name=note]");
    await note.click();
    for (let round = 1; round <= 5; round += 1) {
      await jane.waitForSelector(`#desk > p:text("Replaced ${round} times")`);
      await jane.keyboard.type(`${round} `);
    }
    expect(await note.inputValue()).toBe("1 2 3 4 5 ");
    expect(await note.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await jane.inputValue("#desk [name=longer]")).toBe("A longer note");
    expect(await jane.textContent("#stamp")).toMatch("came with the page");
  });

  it("move a progress bar on", async () => {
    const jane = await visit("progress");
    const bar = await jane.evaluateHandle(() => document.querySelector("#loading-bar"));
    await press(jane, "progress", "load");
    await jane.waitForSelector('#loading label:text("12 of 12")');
    expect(await bar.evaluate((element) => element?.isConnected)).toBe(true);
    expect(await bar.evaluate((element) => element?.getAttribute("value"))).toBe("12");
  });

  it("show notifications and failures as toasts", async () => {
    const jane = await visit("toasts");
    const other = await world.tab(jane, "/");
    // At once for both: a notification goes by itself.
    const shown = [jane, other].flatMap((page) => [
      page.waitForSelector('.pat-push-toast[role=status]:has-text("The minutes are ready.")'),
      page.waitForSelector('.pat-push-toast[role=alert]:has-text("the disk is full")'),
    ]);
    await press(jane, "toasts", "failed");
    await press(jane, "toasts", "notification");
    await Promise.all(shown);
  });

  it("notify the desktop", async () => {
    const jane = await visit("desktop");
    await jane.context().grantPermissions(["notifications"]);
    await jane.evaluate(() => {
      const shown: string[] = [];
      Object.assign(window, { shown });
      window.Notification = class extends Notification {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options);
          shown.push(`${title}: ${options?.body}`);
        }
      };
    });
    await press(jane, "desktop", "ring");
    await expect
      .poll(() => jane.evaluate(() => (window as { shown?: string[] }).shown), { timeout: PATIENCE_MS })
      .toEqual(["Northquay: Jane Harper, the pilot is on board."]);
  });

  it("ask before they notify the desktop, with a click of the user's and not before", async () => {
    const jane = await visit("desktop");
    await jane.addInitScript(() => {
      // Chromium without a screen has denied it already.
      Object.defineProperty(Notification, "permission", { get: () => "default" });
      Notification.requestPermission = () => {
        document.body.dataset["asked"] = String(navigator.userActivation.isActive);
        return Promise.resolve("granted" as const);
      };
    });
    await jane.reload();
    await jane.waitForSelector("body.push-online");
    await press(jane, "desktop", "ring");
    expect(await jane.getAttribute("body", "data-asked")).toBe(null);
    await expect
      .poll(
        async () => {
          await jane.click(".pat-push");
          return jane.getAttribute("body", "data-asked");
        },
        { timeout: PATIENCE_MS },
      )
      .toBe("true");
  });

  it("announce to screen readers", async () => {
    const jane = await visit("announce");
    for (const tone of ["polite", "assertive"]) {
      await press(jane, "announce", tone);
      await jane.waitForSelector(`.pat-push-announcer[aria-live=${tone}]:not(:empty)`, { state: "attached" });
    }
    expect(await jane.locator("#departures > li").count()).toBe(2);
  });

  it("move with a view transition", async () => {
    const jane = await visit("transition");
    await jane.evaluate(() => {
      const start = document.startViewTransition.bind(document);
      document.startViewTransition = (update) => {
        document.body.dataset["transitions"] = "1";
        return start(update);
      };
    });
    await press(jane, "transition", "length");
    await jane.waitForSelector('#ships > li:first-child:text("Brigid")');
    expect(await jane.getAttribute("body", "data-transitions")).toBe("1");
  });

  it("say that the connection is away, and bring what was missed", async () => {
    const jane = await visit("reconnecting");
    await press(jane, "reconnecting", "break");
    await jane.waitForSelector("body.push-offline");
    expect(await jane.locator("#missed > li").count()).toBe(0);
    await jane.waitForSelector("body.push-online", { timeout: PATIENCE_MS });
    await expect
      .poll(() => jane.locator("#missed > li").allTextContents(), { timeout: PATIENCE_MS })
      .toEqual([1, 2, 3].map((number) => `Published in the tunnel, ${number} of 3`));
  });

  it("share one connection among tabs", async () => {
    const jane = await visit("tabs");
    const tabs = [jane, await world.tab(jane, featurePath({ name: "tabs" }))];
    await press(jane, "tabs", "count");
    for (const tab of tabs)
      await expect.poll(() => tab.textContent("#connections"), { timeout: PATIENCE_MS }).toBe("1");
  });
});

/** Presses the button, and waits until the server has answered. */
async function press(page: Page, feature: string, action: string): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().includes(`sent=${action}`));
  await page.click(`form[action="${featurePath({ name: feature }, action)}"] button`);
  await answered;
}

/** The table below a button, as field -> text. */
async function shownMessage(page: Page, form: string): Promise<Record<string, string>> {
  const rows = page.locator(`li:has(> ${form}) .message tr`);
  return Object.fromEntries(
    await rows.evaluateAll((all) =>
      all.map((row) => [
        row.querySelector("th")?.textContent ?? "",
        row.querySelector("td")?.textContent ?? "",
      ]),
    ),
  );
}

/** As the pages write messages: without the id that the log gave it, and to Jane. */
function asShown(message: MessageBody): Record<string, string> {
  const all: Readonly<Record<string, unknown>> = { to: "user:jane", ...message };
  const fields = Object.entries(all).filter(([field]) => field !== "id");
  return Object.fromEntries(fields.map(([field, value]) => [field, String(value)]));
}

/** What `html` escapes. */
function unescape(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => ENTITIES[code] ?? "?");
}
