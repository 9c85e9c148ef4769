/** What can be asked about previews, for programs in this process; the HTTP API asks the same. */
import type { ByteRange, StoredObject } from "./object-store.ts";
import { isConvertible } from "./media-type.ts";
import { expectedPages, type Preview, type RenditionPage, waitingPreview } from "./preview.ts";
import type { PreviewStore } from "./preview-store.ts";
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
  readonly revision?: string;
  readonly hasPdf: boolean;
  readonly hasText: boolean;
  readonly problem?: { readonly code: string; readonly text: string };
  /** By scale, the images of the pages that are there. */
  readonly urls: Readonly<Record<string, readonly PageLink[]>>;
}

/** A page's image. */
export interface PageLink {
  /** From 1. */
  readonly page: number;
  readonly url: string;
  readonly width: number;
  readonly height: number;
  /** A few pixels as a data: URL, to show while the image loads. */
  readonly placeholder: string;
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

const STATUS = {
  waiting: "converting",
  converting: "converting",
  done: "succeeded",
  partial: "succeeded",
  failed: "failed",
} as const;

/** Reads previews, and drops them; asks nobody for permission. */
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
    if (!preview) {
      const nothing = { partial: false, version: 0, pages: 0, hasPdf: false, hasText: false, urls: {} };
      return { uid, status: "none", ...nothing };
    }
    const { record, rendition } = preview;
    const expected = rendition && expectedPages(rendition);
    return {
      uid,
      // Its pages are gone, after a disk failed: the same as if it had never been made.
      status: record.renditionKey !== undefined && !rendition ? "none" : STATUS[record.state],
      partial: record.state === "partial",
      version: record.version,
      pages: rendition?.pages.length ?? 0,
      ...(rendition?.pageCount !== undefined && { pageCount: rendition.pageCount }),
      ...(expected !== undefined && { expectedPages: expected }),
      ...(record.name && { name: record.name }),
      ...(record.revision && { revision: record.revision }),
      hasPdf: rendition?.hasPdf ?? false,
      hasText: rendition?.hasText ?? false,
      ...(record.problem && { problem: record.problem }),
      urls: Object.fromEntries(scalesOf(preview).map((scale) => [scale, this.#links(preview, scale)])),
    };
  }

  /** The HTML that is pushed, as it stands now; a placeholder for a document that the worker has not heard of. */
  async snippet(uid: string): Promise<string> {
    return renderSnippet((await this.#store.preview(uid)) ?? waitingPreview(uid), this.#options);
  }

  /** The images of all pages, in order; none if there is no preview. A scale that is not known is the largest. */
  async get(uid: string, scale: string = "normal"): Promise<readonly PageLink[]> {
    const preview = await this.#store.preview(uid);
    const [first] = preview?.rendition?.pages ?? [];
    return preview && first ? this.#links(preview, resolveScale(first, scale)) : [];
  }

  /**
   * URLs of all pages, that of page 1 first; that of the fallback image if there is none.
   * @param withTimestamp adds `t`, when the preview changed last. What a URL shows never changes: its `v` is the content
   */
  async urls(
    uid: string,
    scale: string = "normal",
    withTimestamp: boolean = false,
  ): Promise<readonly string[]> {
    const links = await this.get(uid, scale);
    if (links.length === 0) return [this.fallbackUrl];
    const updatedAt = withTimestamp ? (await this.#store.record(uid))?.updatedAt : undefined;
    const timestamp = updatedAt === undefined ? "" : `&t=${updatedAt}`;
    return links.map(({ url }) => url + timestamp);
  }

  /** What is shown where there is no preview. */
  get fallbackUrl(): string {
    return `${this.#options.previewsUrl}/fallback.svg`;
  }

  /** The address of a thumbnail, without looking whether there is one: it serves the fallback otherwise. */
  thumbnailUrl(uid: string): string {
    return `${this.#options.previewsUrl}/${uid}/thumbnail`;
  }

  /** Page 1, small; undefined where the fallback is to be shown. */
  async thumbnail(uid: string): Promise<PageBytes | undefined> {
    return this.page(uid, 1, "small");
  }

  async hasPreviews(uid: string): Promise<boolean> {
    return ((await this.#store.preview(uid))?.rendition?.pages.length ?? 0) > 0;
  }

  async isConverting(uid: string): Promise<boolean> {
    return (await this.status(uid)).status === "converting";
  }

  /** Undefined: not tried, or not done yet. */
  async hasSucceeded(uid: string): Promise<boolean | undefined> {
    const { status } = await this.status(uid);
    return status === "succeeded" ? true : status === "failed" ? false : undefined;
  }

  /** Whether there is a converter for what the CMS says of a document: media type, then extension. */
  isAllowedType(mediaType: string, name: string): boolean {
    return isConvertible(mediaType, name);
  }

  /** A page's image; undefined if there is none. */
  async page(uid: string, page: number, scale: string, range?: ByteRange): Promise<PageBytes | undefined> {
    const rendition = (await this.#store.preview(uid))?.rendition;
    const found = rendition && pageAt(rendition.pages, page);
    if (!found) return undefined;
    const name = resolveScale(found, scale);
    const stored = await this.#store.image(rendition, found.number, name, range);
    if (!stored) return undefined;
    const mediaType = `image/${rendition.format}`;
    return { ...stored, mediaType, page: found.number, scale: name, renditionKey: rendition.key };
  }

  /** The document as PDF; undefined if there is none. */
  async pdf(uid: string, range?: ByteRange): Promise<StoredObject | undefined> {
    const rendition = (await this.#store.preview(uid))?.rendition;
    return rendition?.hasPdf ? this.#store.pdf(rendition, range) : undefined;
  }

  async hasPdf(uid: string): Promise<boolean> {
    return (await this.#store.preview(uid))?.rendition?.hasPdf ?? false;
  }

  /** The text of each page that is rendered; undefined if it is not known. */
  async text(uid: string): Promise<readonly string[] | undefined> {
    const rendition = (await this.#store.preview(uid))?.rendition;
    return rendition?.hasText ? this.#store.text(rendition) : undefined;
  }

  /** Drops the preview; what other documents have the same content keep theirs. */
  async purge(uid: string): Promise<void> {
    await this.#store.purge(uid);
  }

  #links({ record, rendition }: Preview, scale: string): readonly PageLink[] {
    if (!rendition) return [];
    const { previewsUrl } = this.#options;
    return rendition.pages.flatMap(({ number: page, images, placeholder }) => {
      const size = images[scale];
      if (!size) return [];
      const url = pageUrl(previewsUrl, record.uid, rendition, page, scale);
      return [{ page, url, width: size.width, height: size.height, placeholder }];
    });
  }
}

function scalesOf({ rendition }: Preview): readonly string[] {
  return Object.keys(rendition?.pages[0]?.images ?? {});
}

/** Plone Intranet's rule: below 1 the first page, past the end the last. */
function pageAt(pages: readonly RenditionPage[], number: number): RenditionPage | undefined {
  return pages.find((page) => page.number >= number) ?? pages.at(-1);
}

/** Plone Intranet's rule: a scale that is not known is the largest. */
function resolveScale(page: RenditionPage, scale: string): string {
  const name = page.images[scale] ? scale : (SCALE_ALIASES[scale] ?? scale);
  if (page.images[name]) return name;
  const byWidth = Object.entries(page.images).toSorted(([, a], [, b]) => b.width - a.width);
  return byWidth[0]?.[0] ?? name;
}
