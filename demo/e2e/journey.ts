/** What happens after an upload, seen in real browsers; the same tests in both modes. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  makeFreshPdf,
  makeSample,
  makeTooLarge,
  PDF_PAGES,
  SLIDES,
  type SampleName,
} from "../samples/samples.ts";
import { openNetwork } from "./cuttable-network.ts";
import { pageCounts } from "./watcher.ts";
import {
  addressesOf,
  cardsInserted,
  choose,
  hasPages,
  hasUnread,
  loadsItsImages,
  pathOf,
  PATIENCE_MS,
  progressSeen,
  statusesFor,
  upload,
  WORKSPACE,
} from "./steps.ts";
import { fillLogin, MAX_UPLOAD_BYTES, World, type Mode } from "./world.ts";

/** Samples that become previews, and how many pages they have. */
const GOOD: readonly (readonly [SampleName, number])[] = [
  ["north-quay-report.docx", PDF_PAGES],
  ["north-quay-slides.pptx", SLIDES],
  ["harbour-map.png", 1],
];

/** Samples that do not, and what their uploader reads: what is wrong, and what to do. */
const BAD: readonly (readonly [SampleName, RegExp])[] = [
  ["empty.pdf", /is empty.*upload it again/i],
  ["program.pdf", /is a program.*Upload the document itself/i],
  ["locked.pdf", /protected by a password.*Remove the password/i],
  ["truncated.docx", /damaged or incomplete.*upload the new copy/i],
  ["tide-gauge.nqt", /no preview for this kind of file.*Save it as PDF/i],
];

export function journey(mode: Mode): void {
  describe(`an upload, ${mode}`, { timeout: 60_000 }, () => {
    let world: World;
    beforeAll(async () => {
      world = await World.create(mode);
    }, 90_000);
    afterEach(() => world?.everybodyLeaves());
    afterAll(() => world?.close(), 30_000);

    it("fills the pages of two members, page 1 first, and shows the outsider nothing", async () => {
      const jane = await world.visit("jane", WORKSPACE);
      const noam = await world.visit("noam", WORKSPACE);
      const eve = await world.visit("eve", "/gatehouse");
      const uid = await upload(jane, "north-quay-report.pdf", await makeFreshPdf());
      for (const page of [jane, noam]) {
        await hasPages(page, uid, PDF_PAGES);
        const shown = await pageCounts(page, uid);
        expect(shown[0], "a placeholder comes first").toBe(0);
        expect(shown.filter((count) => count > 0 && count < PDF_PAGES)).not.toEqual([]);
        expect(shown, "never fewer than before").toEqual(shown.toSorted((one, other) => one - other));
        expect(await progressSeen(page, uid)).toBe(true);
        expect(await cardsInserted(page, uid)).toBe(1);
        await loadsItsImages(page, uid, PDF_PAGES);
        const loads = Object.values(await page.evaluate(() => window.imageLoads));
        expect(new Set(loads), "no image is loaded anew while others arrive").toEqual(new Set([1]));
        expect(await page.evaluate(() => window.violations)).toEqual([]);
      }
      expect(await eve.content()).not.toContain(uid);
      await hasUnread(eve, 0);
      const addresses = await addressesOf(jane, uid);
      expect(addresses.length).toBeGreaterThan(PDF_PAGES);
      expect(new Set(await statusesFor(jane, addresses))).toEqual(new Set([200]));
      for (const status of await statusesFor(eve, addresses)) expect([403, 404]).toContain(status);
    });

    it.each(GOOD)("shows every page of %s", async (name, pages) => {
      const jane = await world.visit("jane", WORKSPACE);
      const uid = await upload(jane, name);
      await hasPages(jane, uid, pages);
      await loadsItsImages(jane, uid, pages);
    });

    it("reaches a browser that was offline meanwhile, once", async () => {
      const network = await openNetwork(world.demo.url);
      try {
        const noam = await world.visit("noam", WORKSPACE, network.url);
        const jane = await world.visit("jane", WORKSPACE);
        await network.cut();
        await noam.context().setOffline(true);
        const uid = await upload(jane, "north-quay-report.pdf", await makeFreshPdf());
        await hasPages(jane, uid, PDF_PAGES);
        expect(await noam.locator(`#document-${uid}`).count()).toBe(0);
        await network.mend();
        await noam.context().setOffline(false);
        await hasPages(noam, uid, PDF_PAGES);
        await loadsItsImages(noam, uid, PDF_PAGES);
        expect(await cardsInserted(noam, uid)).toBe(1);
        expect(await noam.locator(`[id="document-${uid}"]`).count()).toBe(1);
      } finally {
        await network.close();
      }
    });

    it("counts up in every tab of the reader, and down when it is opened", async () => {
      const noam = await world.visit("noam", WORKSPACE);
      const tabs = [noam, await world.tab(noam, "/"), await world.tab(noam, "/gatehouse")];
      const before = Number(await noam.textContent("#unread .count"));
      const jane = await world.visit("jane", WORKSPACE);
      const uid = await upload(jane, "harbour-map.png");
      for (const tab of tabs) await hasUnread(tab, before + 1);
      await hasUnread(jane, 0);
      await (await world.tab(noam, await pathOf(jane, uid))).close();
      for (const tab of tabs) await hasUnread(tab, before);
    });

    it("is right in a page that is opened while it is converted, and in one opened after it", async () => {
      const jane = await world.visit("jane", WORKSPACE);
      const uid = await upload(jane, "north-quay-report.pdf", await makeFreshPdf());
      const during = await world.tab(jane, await pathOf(jane, uid));
      await hasPages(during, uid, PDF_PAGES);
      const after = await world.tab(jane, WORKSPACE);
      await hasPages(after, uid, PDF_PAGES);
      await loadsItsImages(after, uid, PDF_PAGES);
    });

    it("works without script: a plain login, a plain upload, and pages that have it all", async () => {
      const jane = await world.visitWithoutScript(WORKSPACE);
      await fillLogin(jane, "jane");
      await choose(jane, "harbour-map.png", await makeSample("harbour-map.png"));
      await jane.click("#upload button");
      await expect
        .poll(
          async () => {
            await jane.reload();
            return await jane.locator(".document >> nth=0 >> img").count();
          },
          { timeout: PATIENCE_MS },
        )
        .toBe(1);
    });

    it("says what is wrong with files that have no preview, to all members, and takes the next upload", async () => {
      const jane = await world.visit("jane", WORKSPACE);
      const noam = await world.visit("noam", WORKSPACE);
      for (const [name, text] of BAD) {
        const uid = await upload(jane, name);
        for (const page of [jane, noam])
          await expect
            .poll(() => page.textContent(`#preview-${uid}`), { timeout: PATIENCE_MS, message: name })
            .toMatch(text);
        expect(await jane.locator(`#document-${uid} .again button`).isVisible()).toBe(true);
        const next = await upload(jane, "harbour-map.png");
        await hasPages(jane, next, 1);
      }
    });

    it("says that a file is too large, in every tab of its uploader, and takes the next upload", async () => {
      const jane = await world.visit("jane", WORKSPACE);
      const tabs = [jane, await world.tab(jane, WORKSPACE)];
      await choose(jane, "too-large.pdf", makeTooLarge(MAX_UPLOAD_BYTES));
      await jane.click("#upload button");
      for (const tab of tabs) {
        await tab.waitForSelector("#notices .notice.bad", { timeout: PATIENCE_MS });
        expect(await tab.textContent("#notices")).toMatch(
          /too-large.pdf is too large.*up to 2 MB.*split it/s,
        );
        expect(await tab.locator(".notice").count()).toBe(1);
      }
      const next = await upload(jane, "harbour-map.png");
      await hasPages(jane, next, 1);
    });
  });
}
