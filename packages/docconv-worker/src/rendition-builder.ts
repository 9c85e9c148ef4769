/** Writes what a converter brings into the preview store, event by event; it can be shown after each. */
import type { ConversionEvent } from "./converter.ts";
import type { Rendition } from "./preview.ts";
import type { PreviewStore } from "./preview-store.ts";

type PageEvent = Extract<ConversionEvent, { type: "page" }>;

/** Builds a rendition, or goes on with one that was cut short. */
export class RenditionBuilder {
  readonly #store: PreviewStore;
  #rendition: Rendition;

  constructor(store: PreviewStore, start: Rendition) {
    this.#store = store;
    this.#rendition = start;
  }

  /** As it stands in the store. */
  get rendition(): Rendition {
    return this.#rendition;
  }

  has(page: number): boolean {
    return this.#rendition.pages.some(({ number }) => number === page);
  }

  async apply(event: ConversionEvent): Promise<void> {
    switch (event.type) {
      case "pageCount":
        this.#change({ pageCount: event.count });
        break;
      case "pageFailed":
        this.#change({ failedPages: [...this.#rendition.failedPages, event.page] });
        break;
      case "pdf":
        await this.#store.putPdf(this.#rendition, event.path);
        this.#change({ hasPdf: true });
        break;
      case "text":
        await this.#store.putText(this.#rendition, event.pages);
        this.#change({ hasText: true });
        break;
      default:
        await this.#addPage(event);
    }
  }

  /** Nothing more will come. @param missing whether pages are missing that should be there */
  async complete(missing: boolean): Promise<void> {
    const { pages, failedPages } = this.#rendition;
    const gaps = missing ? [...failedPages, (pages.at(-1)?.number ?? 0) + 1] : failedPages;
    this.#change({ complete: true, failedPages: gaps });
    await this.#store.putRendition(this.#rendition);
  }

  /** The images first, then what says that they are there. */
  async #addPage({ page: number, images, placeholder }: PageEvent): Promise<void> {
    const entries = Object.entries(images);
    await Promise.all(
      entries.map(([scale, { bytes }]) => this.#store.putImage(this.#rendition, number, scale, bytes)),
    );
    const sizes = Object.fromEntries(entries.map(([scale, { width, height }]) => [scale, { width, height }]));
    const page = { number, images: sizes, placeholder };
    const others = this.#rendition.pages.filter((other) => other.number !== number);
    this.#change({
      pages: [...others, page].toSorted((a, b) => a.number - b.number),
      failedPages: this.#rendition.failedPages.filter((failed) => failed !== number),
    });
    await this.#store.putPage(this.#rendition, page);
  }

  #change(fields: Partial<Rendition>): void {
    this.#rendition = { ...this.#rendition, ...fields };
  }
}
