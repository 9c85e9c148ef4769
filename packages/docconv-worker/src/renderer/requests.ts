/** What the worker asks a renderer process, and what it answers. */
import type { ImageFormat } from "../converter.ts";
import type { DocumentProblem } from "../document-error.ts";
import type { Scales, Size } from "../scale.ts";

/** How pages are to look. */
export interface PageStyle {
  readonly scales: Scales;
  readonly format: ImageFormat;
}

/** What {@link RendererRequest} makes pages of HTML of. */
export type MarkupKind = "markdown" | "html" | "mail";

/** One request; answers come in the order of the requests, and bitmaps are encoded two at once. */
export type RendererRequest =
  /** The body is a document; it stays open until the next one. Answers with the number of pages. */
  | { readonly type: "open"; readonly kind: "pdf" | "image" | "upright-image" }
  /** A page of the open document, from 1, at every scale. */
  | { readonly type: "page"; readonly page: number; readonly style: PageStyle }
  /** The text of the open document's pages, from the first; the body of the answer is a JSON list. */
  | { readonly type: "text"; readonly pageLimit: number }
  /** The body is a text; the body of the answer is a page of HTML that names no other place. */
  | { readonly type: "markup"; readonly kind: MarkupKind }
  /** A file in the renderer's exchange folder, at the largest scale or larger. */
  | {
      readonly type: "bitmap";
      readonly path: string;
      /** The true size of the page, in any unit. */
      readonly pageSize: Size;
      readonly style: PageStyle;
    };

/** Where an image stands in the body of an answer. */
export interface AnsweredImage extends Size {
  readonly scale: string;
  readonly bytes: number;
}

/** One answer. */
export type RendererAnswer =
  | { readonly type: "ready" }
  | { readonly type: "opened"; readonly pageCount: number }
  | { readonly type: "text" }
  | { readonly type: "markup" }
  /** The body holds the images one after the other. */
  | { readonly type: "images"; readonly images: readonly AnsweredImage[]; readonly placeholder: string }
  /** With a problem the document is at fault, without one the renderer. */
  | { readonly type: "failed"; readonly problem?: DocumentProblem; readonly reason: string };
