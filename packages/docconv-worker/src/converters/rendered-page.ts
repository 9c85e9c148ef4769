/** From a renderer's answer to the page event of a conversion. */
import type { ConversionEvent, PageImage } from "../converter.ts";
import type { Frame } from "../renderer/frames.ts";
import type { RendererAnswer } from "../renderer/requests.ts";
import { DocconvError } from "../docconv-error.ts";

/** @throws DocconvError `renderer-failed` for another answer */
export function pageEvent(page: number, { header, body }: Frame<RendererAnswer>): ConversionEvent {
  if (header.type !== "images") {
    throw new DocconvError("renderer-failed", `The renderer answered ${header.type} instead of a page.`);
  }
  const images: Record<string, PageImage> = {};
  let offset = 0;
  for (const { scale, width, height, bytes } of header.images) {
    images[scale] = { width, height, bytes: body.subarray(offset, offset + bytes) };
    offset += bytes;
  }
  return { type: "page", page, images, placeholder: header.placeholder };
}
