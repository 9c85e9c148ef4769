/** In the renderer process: a document that is open, whose pages can be asked for in any order. */
import type { PageImages } from "./page-images.ts";
import type { PageStyle } from "./requests.ts";

/** An open document. */
export interface OpenDocument {
  readonly pageCount: number;
  /** @param page from 1 */
  page(page: number, style: PageStyle): Promise<PageImages>;
  /** The text of each page, up to this many; undefined where pages have none. */
  text(pageLimit: number): readonly string[] | undefined;
  close(): void;
}
