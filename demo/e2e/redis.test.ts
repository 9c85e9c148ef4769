import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { journey } from "./journey.ts";
import { choose, hasPages, PATIENCE_MS, WORKSPACE } from "./steps.ts";
import { makeFreshPdf, PDF_PAGES } from "../samples/samples.ts";
import { World } from "./world.ts";

journey("redis");

describe("an upload while Redis is away", { timeout: 90_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await World.create("redis");
  }, 90_000);
  afterAll(() => world?.close(), 30_000);

  it("is kept, says what is missing, and is converted and announced when asked again", async () => {
    const jane = await world.visit("jane", WORKSPACE);
    const noam = await world.visit("noam", WORKSPACE);
    await world.redis?.stop();
    await choose(jane, "north-quay-report.pdf", await makeFreshPdf());
    await jane.click("#upload button");
    await jane.waitForSelector("#notices .notice.bad", { timeout: PATIENCE_MS });
    expect(await jane.textContent("#notices")).toMatch(
      /is stored.*preview could not be requested.*Convert\s+again/s,
    );
    await world.redis?.start();

    await jane.click("#notices a");
    await jane.click(".again button");
    await jane.waitForSelector("#notices .notice.good", { timeout: PATIENCE_MS });
    const section = await jane.locator("section[id^=preview-]").getAttribute("id");
    const uid = section?.replace("preview-", "") ?? "";
    for (const page of [jane, noam]) await hasPages(page, uid, PDF_PAGES);
    expect(await noam.locator(".again >> visible=true").count()).toBe(0);
  });
});
