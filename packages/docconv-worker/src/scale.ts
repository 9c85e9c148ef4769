/** Scales: the named widths in which every page is kept, and the size of a page at each. */

/** Name to width in pixels, such as `{ small: 180, normal: 700, large: 1000 }`. */
export type Scales = Readonly<Record<string, number>>;

/** Plone Intranet's. */
export const DEFAULT_SCALES: Scales = { small: 180, normal: 700, large: 1000 };

/** Width and height, in pixels or points. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A page higher than this many times the scale's width gets narrower instead: nobody reads a mile of pixels. */
const MAX_ASPECT = 3;

/** The size in whole pixels of a page at a scale: as wide as the scale, within bounds. */
export function fitPage(page: Size, scaleWidth: number): Size {
  const factor = Math.min(scaleWidth / page.width, (MAX_ASPECT * scaleWidth) / page.height);
  return wholePixels(page, factor);
}

/** The same for an image, which is never enlarged. */
export function fitImage(image: Size, scaleWidth: number): Size {
  const factor = Math.min(1, scaleWidth / image.width, (MAX_ASPECT * scaleWidth) / image.height);
  return wholePixels(image, factor);
}

function wholePixels({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** The largest scale's width. */
export function largestWidth(scales: Scales): number {
  return Math.max(...Object.values(scales));
}
