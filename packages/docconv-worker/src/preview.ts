/** Previews: what is kept of a document's conversion, and what the page is shown of it. */
import type { ImageFormat } from "./converter.ts";
import type { Size } from "./scale.ts";

/** `partial`: done, without the pages that could not be rendered. */
type PreviewState = "waiting" | "converting" | "done" | "partial" | "failed";

/** A page of a rendition. */
export interface RenditionPage {
  /** From 1. */
  readonly number: number;
  /** Size in pixels by scale. */
  readonly images: Readonly<Record<string, Size>>;
  /** A few pixels as a data: URL, to show while the image loads. */
  readonly placeholder: string;
}

/** What the conversion of some content has brought so far; documents with the same content share it. */
export interface Rendition {
  /** SHA-256 of the content, and a mark of how it was converted. */
  readonly key: string;
  readonly mediaType: string;
  readonly format: ImageFormat;
  /** How many pages the document has; undefined while that is not known. */
  readonly pageCount?: number;
  /** Most pages that are rendered. */
  readonly pageLimit: number;
  /** In order. */
  readonly pages: readonly RenditionPage[];
  /** Pages that could not be rendered. */
  readonly failedPages: readonly number[];
  /** Whether the conversion came to its end. */
  readonly complete: boolean;
  /** Whether the document is kept as PDF, too. */
  readonly hasPdf: boolean;
  /** Whether the text of its pages is kept. */
  readonly hasText: boolean;
}

/** Why there is no preview, for the person who looks at the page. */
export interface PreviewProblem {
  readonly code: string;
  /** What is wrong and what to do, in a sentence or two. */
  readonly text: string;
}

/** A document of the CMS and where its preview stands. */
export interface PreviewRecord {
  readonly uid: string;
  /** The object that decides who may look. */
  readonly url: string;
  /** Where its bytes are, for a conversion that somebody asks for later. */
  readonly download?: string | undefined;
  readonly name: string;
  /** What the CMS says it is. */
  readonly mediaType?: string | undefined;
  readonly revision?: string | undefined;
  /** What its job wanted its scans to be read in; kept for a conversion that somebody asks for later. */
  readonly ocrLanguages?: readonly string[] | undefined;
  /** Strictly increasing with every change, across runs and restarts. */
  readonly version: number;
  readonly state: PreviewState;
  readonly renditionKey?: string | undefined;
  /** What it had before, until the run that replaces it has ended. */
  readonly staleKey?: string | undefined;
  readonly problem?: PreviewProblem | undefined;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/** A record with its pages: what a snippet is made of. */
export interface Preview {
  readonly record: PreviewRecord;
  readonly rendition?: Rendition | undefined;
}

/** What the page shows of a document that the worker has not heard of yet. */
export function waitingPreview(uid: string): Preview {
  return { record: { uid, url: uid, name: "", version: 0, state: "waiting", updatedAt: 0 } };
}

/** How many pages will be shown in the end; undefined while that is not known. */
export function expectedPages(rendition: Rendition): number | undefined {
  return rendition.pageCount === undefined ? undefined : Math.min(rendition.pageCount, rendition.pageLimit);
}
