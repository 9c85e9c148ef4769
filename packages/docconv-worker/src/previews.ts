/** What can be asked about previews, for programs in this process; the HTTP API asks the same. */
import { expectedPages, type Preview, type RenditionPage, waitingPreview } from "./preview.ts";
import type { PreviewStore } from "./preview-store.ts";
import type { StoredObject } from "./object-store.ts";
import { pageUrl, renderSnippet, type SnippetOptions } from "./snippet.ts";

/** Where a document's preview stands. */
export interface PreviewStatus {
  readonly uid: string;
  /** `none`: the worker has not heard of the document. A partial preview counts as succeeded. */
  readonly status: "none" | "converting" | "succeeded" | "failed";
  /** Whether pages are missing that could not be rendered. */
  readonly partial: boolean;
  readonly version: number;
  /** Pages that are there. */
  readonly pages: number;
  /** Pages that the document has; undefined while that is not known. */
  readonly pageCount?: number;
  /** Pages that will be there in the end. */
  readonly expectedPages?: number;
  readonly name?: string;
  readonly problem?: { readonly code: string; readonly text: string };
  /** By scale, the URL and size of each page that is there. */
  readonly urls: Readonly<Record<string, readonly PageLink[]>>;
}

/** A page's image. */
export interface PageLink {
  readonly page: number;
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** A page's bytes, as they are served. */
export interface PageBytes extends StoredObject {
  readonly mediaType: string;
  /** The page that was found: below 1 it is the first, past the end the last. */
  readonly page: number;
  readonly scale: string;
  readonly renditionKey: string;
}

/** Plone Intranet's names for scales. */
const SCALE_ALIASES: Readonly<Record<string, string>> = { thumb: "small", preview: "normal" };

/** Reads previews; asks nobody for permission. */
export class Previews {
  readonly #store: PreviewStore;
  readonly #options: SnippetOptions;

  constructor(store: PreviewStore, options: SnippetOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Undefined for a document that the worker has not heard of. */
  async find(uid: string): Promise<Preview | undefined> {
    return this.#store.preview(uid);
  }

  async status(uid: string): Promise<PreviewStatus> {
    const preview = await this.#store.preview(uid);
    if (!preview) return { uid, status: "none", partial: false, version: 0, pages: 0, urls: {} };
    const { record, rendition } = preview;
    const expected = rendition && expectedPages(rendition);
    return {
      uid,
      status: STATUS[record.state],
      partial: record.state === "partial",
      version: record.version,
      pages: rendition?.pages.length ?? 0,
      ...(rendition?.pageCount !== undefined && { pageCount: rendition.pageCount }),
      ...(expected !== undefined && { expectedPages: expected }),
      ...(record.name && { name: record.name }),
      ...(record.problem && { problem: record.problem }),
      urls: this.#urls(preview),
    };
  }

  /** The HTML that is pushed, as it stands now; a placeholder for a document that the worker has not heard of. */
  async snippet(uid: string): Promise<string> {
    return renderSnippet((await this.#store.preview(uid)) ?? waitingPreview(uid), this.#options);
  }

  /** A page's image; undefined if there is none. */
  async page(uid: string, page: number, scale: string): Promise<PageBytes | undefined> {
    const preview = await this.#store.preview(uid);
    const rendition = preview?.rendition;
    const found = rendition && pageAt(rendition.pages, page);
    if (!found) return undefined;
    const name = resolveScale(found, scale);
    const stored = await this.#store.image(rendition, found.number, name);
    if (!stored) return undefined;
    const mediaType = `image/${rendition.format}`;
    return { ...stored, mediaType, page: found.number, scale: name, renditionKey: rendition.key };
  }

  #urls({ record, rendition }: Preview): PreviewStatus["urls"] {
    const urls: Record<string, PageLink[]> = {};
    for (const page of rendition?.pages ?? []) {
      for (const [scale, size] of Object.entries(page.images)) {
        if (!rendition) break;
        const url = pageUrl(this.#options.previewsUrl, record.uid, rendition, page.number, scale);
        (urls[scale] ??= []).push({ page: page.number, url, ...size });
      }
    }
    return urls;
  }
}

const STATUS = {
  waiting: "converting",
  converting: "converting",
  done: "succeeded",
  partial: "succeeded",
  failed: "failed",
} as const;

/** Plone Intranet's rule: below 1 the first page, past the end the last. */
function pageAt(pages: readonly RenditionPage[], number: number): RenditionPage | undefined {
  return pages.find((page) => page.number >= number) ?? pages.at(-1);
}

/** Plone Intranet's rule: a scale that is not known is the largest. */
function resolveScale(page: RenditionPage, scale: string): string {
  const name = SCALE_ALIASES[scale] ?? scale;
  if (page.images[name]) return name;
  const byWidth = Object.entries(page.images).toSorted(([, a], [, b]) => b.width - a.width);
  return byWidth[0]?.[0] ?? name;
}
