/** Watches a page from inside, as its user would: which cards, page images and states were there, and when. */
import type { Page } from "playwright-core";

/** What the page was like after a change of its DOM. */
interface Sighting {
  /** Milliseconds since the epoch, by the browser's clock. */
  readonly time: number;
  /** Document uid -> how many page images stand in its preview, and whether it shows a progress bar. */
  readonly previews: Readonly<Record<string, { readonly pages: number; readonly progress: boolean }>>;
}

declare global {
  interface Window {
    sightings: Sighting[];
    /** Document uid -> how often a card of it was put into the page. */
    cardsInserted: Record<string, number>;
    /** Element id of an image -> how often it has loaded. */
    imageLoads: Record<string, number>;
    /** What the Content-Security-Policy stopped. */
    violations: string[];
  }
}

/** From the next navigation on. */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.sightings = [];
    window.cardsInserted = {};
    window.imageLoads = {};
    window.violations = [];
    document.addEventListener(
      "load",
      ({ target }) => {
        if (target instanceof HTMLImageElement)
          window.imageLoads[target.id] = (window.imageLoads[target.id] ?? 0) + 1;
      },
      { capture: true }, // it does not bubble
    );
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      window.violations.push(`${violatedDirective} ${blockedURI}`),
    );
    new MutationObserver((records) => {
      const time = performance.timeOrigin + performance.now();
      for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
        const uid = node instanceof Element && /^document-(\w+)$/.exec(node.id)?.[1];
        if (uid) window.cardsInserted[uid] = (window.cardsInserted[uid] ?? 0) + 1;
      }
      const previews = [...document.querySelectorAll("section[id^='preview-']")].map((section) => {
        const pages = section.querySelectorAll("img").length;
        return [
          section.id.slice(8),
          { pages, progress: section.querySelector("progress") !== null },
        ] as const;
      });
      window.sightings.push({ time, previews: Object.fromEntries(previews) });
    }).observe(document, { childList: true, subtree: true });
  });
}

/** How many page images of one document the page showed, change after change, without repetitions. */
export async function pageCounts(page: Page, uid: string): Promise<number[]> {
  const counts = await page.evaluate(
    (id) => window.sightings.flatMap(({ previews }) => previews[id]?.pages ?? []),
    uid,
  );
  return counts.filter((count, index) => count !== counts[index - 1]);
}

/** When the page first showed so many page images of a document, in milliseconds since the epoch. */
export async function timeOfPages(page: Page, uid: string, pages: number): Promise<number | undefined> {
  return await page.evaluate(
    ([id, wanted]) => window.sightings.find(({ previews }) => (previews[id]?.pages ?? 0) >= wanted)?.time,
    [uid, pages] as const,
  );
}

/** When the latest answer to a POST had come whose redirect was then followed, in milliseconds since the epoch. */
export async function timeOfAnswer(page: Page, path: string): Promise<number | undefined> {
  return await page.evaluate((part) => {
    const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const latest = entries.findLast(({ name, redirectEnd }) => name.includes(part) && redirectEnd > 0);
    return latest && performance.timeOrigin + latest.redirectEnd;
  }, path);
}

/** Loads every page image of a document and returns their sizes: natural, and as its markup said. @throws if one does not load */
export async function imageSizes(page: Page, uid: string): Promise<{ natural: string; stated: string }[]> {
  return await page.evaluate(async (id) => {
    const images = [...document.querySelectorAll<HTMLImageElement>(`#preview-${id} img`)];
    for (const image of images) image.loading = "eager"; // those out of sight load later otherwise
    await Promise.all(images.map((image) => image.decode()));
    return images.map((image) => ({
      natural: `${image.naturalWidth} x ${image.naturalHeight}`,
      stated: `${image.getAttribute("width")} x ${image.getAttribute("height")}`,
    }));
  }, uid);
}
