/** What visitors do and see, in the words of the tests. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { makeSample, type SampleName } from "../samples/samples.ts";
import { imageSizes } from "./watcher.ts";

/** The workspace that Jane and Noam share. */
export const WORKSPACE = "/quay-renewal";

/** How long a test waits for what must come. */
export const PATIENCE_MS = 40_000;

/** Uploads by the form of the open page, and returns the document's uid as soon as its card is there. */
export async function upload(page: Page, name: SampleName, file?: Buffer): Promise<string> {
  await page.waitForSelector("#upload:not(.executing)"); // the answer to the one before empties the field
  const known = await cards(page);
  await choose(page, name, file ?? (await makeSample(name)));
  await page.click("#upload button");
  await expect.poll(async () => (await cards(page)).length, { timeout: PATIENCE_MS }).toBe(known.length + 1);
  const added = (await cards(page)).find((card) => !known.includes(card));
  return added?.replace("document-", "") ?? "";
}

/** The media type is no help: the worker has to look into the file. */
export async function choose(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.setInputFiles("#file", { name, mimeType: "application/octet-stream", buffer });
}

/** The preview is finished, with so many pages. */
export async function hasPages(page: Page, uid: string, pages: number): Promise<void> {
  await page.waitForSelector(`#preview-${uid}:is([data-state=done], [data-state=partial])`, {
    timeout: PATIENCE_MS,
  });
  expect(await page.locator(`#preview-${uid} img`).count()).toBe(pages);
}

/** Every page image loads, with the size that its markup stated. */
export async function loadsItsImages(page: Page, uid: string, pages: number): Promise<void> {
  const sizes = await imageSizes(page, uid);
  expect(sizes).toHaveLength(pages);
  for (const { natural, stated } of sizes) expect(natural).toBe(stated);
}

/** How often a card of the document was put into the page. */
export async function cardsInserted(page: Page, uid: string): Promise<number> {
  return await page.evaluate((id) => window.cardsInserted[id] ?? 0, uid);
}

export async function progressSeen(page: Page, uid: string): Promise<boolean> {
  return await page.evaluate((id) => window.sightings.some(({ previews }) => previews[id]?.progress), uid);
}

export async function hasUnread(page: Page, unread: number): Promise<void> {
  await expect.poll(() => page.textContent("#unread .count"), { timeout: PATIENCE_MS }).toBe(String(unread));
}

export async function pathOf(page: Page, uid: string): Promise<string> {
  return (await page.getAttribute(`#document-${uid} h3 a`, "href")) ?? "";
}

/** Everything that shows something of a document. */
export async function addressesOf(page: Page, uid: string): Promise<string[]> {
  const path = await pathOf(page, uid);
  const images = await page
    .locator(`#preview-${uid} img`)
    .evaluateAll((all) => all.map((image) => image.getAttribute("src") ?? ""));
  const about = [WORKSPACE, path, `${path}/@@download/file`, `/resolveuid/${uid}`];
  return [...about, `/previews/${uid}`, `/previews/${uid}/snippet`, `/previews/${uid}/thumbnail`, ...images];
}

/** How the server answers this visitor. */
export async function statusesFor(page: Page, paths: readonly string[]): Promise<number[]> {
  return await page.evaluate(
    (all) => Promise.all(all.map(async (path) => (await fetch(path)).status)),
    paths,
  );
}

async function cards(page: Page): Promise<string[]> {
  return await page.locator(".documents > .document").evaluateAll((all) => all.map(({ id }) => id));
}
