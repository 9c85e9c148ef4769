/** The converter port: a document becomes pages, first page first. */
import type { DocumentFile } from "./document-file.ts";
import type { Scales, Size } from "./scale.ts";

/** How images are encoded. */
export type ImageFormat = "webp" | "jpeg" | "png";

/** What is asked of a converter. */
export interface ConvertOptions {
  readonly scales: Scales;
  readonly format: ImageFormat;
  /** Most pages that are rendered. */
  readonly pageLimit: number;
  /** Longest that the whole conversion may take. */
  readonly timeoutMs: number;
  /** What tesseract reads the pages in that have no text; none: they are not read. */
  readonly ocrLanguages: readonly string[];
  /** Pages that exist already, from a run that was cut short. */
  readonly has: (page: number) => boolean;
  readonly signal: AbortSignal;
}

/** A page at one scale. */
export interface PageImage extends Size {
  readonly bytes: Uint8Array;
}

/** What happens during a conversion, in order; page 1 comes before any other. */
export type ConversionEvent =
  | {
      readonly type: "page";
      readonly page: number;
      readonly images: Readonly<Record<string, PageImage>>;
      /** A few pixels as a data: URL, to show while the image loads. */
      readonly placeholder: string;
    }
  /** How many pages the document has, whatever the limit. It may come after page 1. */
  | { readonly type: "pageCount"; readonly count: number }
  /** This page could not be rendered; the others go on. */
  | { readonly type: "pageFailed"; readonly page: number; readonly reason: string }
  /** The document as PDF. */
  | { readonly type: "pdf"; readonly path: string }
  /** The text of each page, as many as are rendered. */
  | { readonly type: "text"; readonly pages: readonly string[] };

/** Turns documents of some media types into pages. */
export interface Converter {
  /** For logs and metrics. */
  readonly name: string;
  accepts(mediaType: string): boolean;
  /** @throws DocumentError for what is wrong with the document, DocconvError for what is wrong here */
  convert(document: DocumentFile, options: ConvertOptions): AsyncIterable<ConversionEvent>;
}
