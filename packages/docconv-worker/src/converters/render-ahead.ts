/** Keeps poppler rendering while others encode and store: the bitmaps of pages in their order, a few at once. */
import { DocumentError } from "../document-error.ts";
import type { Size } from "../scale.ts";
import type { PageRange, RenderedPages } from "./poppler-pages.ts";

/** A page that is to be rendered. */
export interface WantedPage {
  readonly page: number;
  /** Its true size. */
  readonly pageSize: Size;
  /** At the largest scale, in pixels. */
  readonly size: Size;
}

/** A page whose rendering has begun. */
export interface Rendering extends WantedPage {
  /** The file with its bitmap. @throws DocumentError if this page cannot be rendered */
  readonly bitmap: () => Promise<string>;
}

/** Options of {@link RenderAhead}. */
export interface RenderAheadOptions {
  readonly pages: readonly WantedPage[];
  /** @param isChunk whether it can be tried again, page by page */
  readonly render: (range: PageRange, size: Size, isChunk: boolean) => RenderedPages;
}

/** Starting a process takes as long as rendering a page of text; but each bitmap takes megabytes. */
const CHUNK_PAGES = 4;

/** Renders the first page alone, the others by chunks of neighbours that have one size, until one of them is bad. */
export class RenderAhead {
  readonly #render: RenderAheadOptions["render"];
  readonly #queue: WantedPage[];
  readonly #begun: Rendering[] = [];
  #newest: Promise<unknown> = Promise.resolve();
  #hasBadPages = false;
  /** Most pages of the next process. */
  #chunkPages = 1;

  constructor({ pages, render }: RenderAheadOptions) {
    this.#queue = [...pages];
    this.#render = render;
  }

  /** The next page; undefined after the last one. */
  next(): Rendering | undefined {
    if (this.#begun.length === 0) this.#begin();
    return this.#begun.shift();
  }

  /** Begins with what comes next, so that it is there when it is asked for. */
  hurry(): void {
    if (this.#begun.length < CHUNK_PAGES / 2) this.#begin();
  }

  /** Resolves when no process reads the document any more. */
  async settled(): Promise<void> {
    await this.#newest;
  }

  #begin(): void {
    const [chunk, size] = this.#takeChunk();
    const [first, last] = [chunk[0]?.page, chunk.at(-1)?.page];
    if (!size || first === undefined || last === undefined) return;
    const isChunk = chunk.length > 1;
    const bitmaps = this.#start({ first, last }, size, isChunk);
    for (const [index, wanted] of chunk.entries()) {
      const bitmap = (): Promise<string> => this.#pick(bitmaps[index], isChunk ? wanted : undefined);
      this.#begun.push({ ...wanted, bitmap });
    }
  }

  #takeChunk(): readonly [chunk: readonly WantedPage[], size: Size | undefined] {
    const most = this.#chunkPages;
    if (!this.#hasBadPages) this.#chunkPages = CHUNK_PAGES;
    const [head] = this.#queue;
    if (!head) return [[], undefined];
    const { page, size } = head;
    let count = 1;
    const isLike = (other: WantedPage | undefined): boolean =>
      other?.page === page + count && other.size.width === size.width && other.size.height === size.height;
    while (count < most && isLike(this.#queue[count])) count += 1;
    return [this.#queue.splice(0, count), size];
  }

  /** @param again is rendered alone if it fails: one bad page must not cost the others of its chunk */
  async #pick(bitmap: Promise<string> | undefined, again: WantedPage | undefined): Promise<string> {
    try {
      if (bitmap) return await bitmap;
    } catch (error) {
      if (!again || !(error instanceof DocumentError)) throw error;
      this.#hasBadPages = true;
      this.#chunkPages = 1;
      const { page, size } = again;
      return this.#pick(this.#start({ first: page, last: page }, size, false)[0], undefined);
    }
    throw new DocumentError("damaged-file", "The page was not drawn.");
  }

  #start(range: PageRange, size: Size, isChunk: boolean): RenderedPages["bitmaps"] {
    const { bitmaps, ended } = this.#render(range, size, isChunk);
    this.#newest = Promise.all([this.#newest, ended]);
    return bitmaps;
  }
}
