/** In the renderer process: images, decoded by sharp (libvips); the frames of a TIFF are its pages. */
import sharp, { type Metadata, type SharpOptions } from "sharp";
import { DocumentError } from "../document-error.ts";
import { fitImage, largestWidth } from "../scale.ts";
import type { OpenDocument } from "./open-document.ts";
import { encodePage } from "./page-images.ts";

/** Most pixels of an image: a scan of A2 at 600 dpi is just below. */
const MAX_PIXELS = 150_000_000;
/** What an SVG is rendered at: enough for the largest scale of a small drawing, and no more of a large one. */
const SVG_DENSITY = 144;

/**
 * @param turns whether the image is turned as its Exif data say
 * @throws DocumentError `image-too-large`, `damaged-file`
 */
export async function openImage(bytes: Buffer, turns: boolean): Promise<OpenDocument> {
  const metadata = await readMetadata(bytes);
  const paged = metadata.format === "tiff";
  const pageCount = paged ? (metadata.pages ?? 1) : 1;
  return {
    pageCount,
    async page(page, style) {
      const options = { ...OPTIONS, ...(paged && { page: page - 1 }), ...svgOptions(metadata) };
      const asStored = sharp(bytes, options);
      const image = (turns ? asStored.autoOrient() : asStored).toColourspace("srgb");
      try {
        const { width, height, autoOrient } = await sharp(bytes, options).metadata();
        const size = fitImage(turns ? autoOrient : { width, height }, largestWidth(style.scales));
        const resized = image.resize(size.width, size.height, { fit: "fill" });
        const { data, info } = await resized.raw().toBuffer({ resolveWithObject: true });
        const channels = info.channels;
        if (channels === 3 || channels === 4) {
          return await encodePage(
            { data, width: info.width, height: info.height, channels },
            info,
            style,
            false,
          );
        }
        throw new DocumentError("damaged-file", `The image has ${channels} channels.`);
      } catch (error) {
        throw asDocumentError(error);
      }
    },
    text: () => undefined,
    close: () => undefined,
  };
}

const OPTIONS: SharpOptions = { limitInputPixels: MAX_PIXELS, failOn: "error", sequentialRead: true };

function svgOptions(metadata: Metadata): SharpOptions {
  return metadata.format === "svg" ? { density: SVG_DENSITY } : {};
}

async function readMetadata(bytes: Buffer): Promise<Metadata> {
  try {
    const metadata = await sharp(bytes, OPTIONS).metadata();
    if (metadata.width * metadata.height > MAX_PIXELS) throw new Error("Input image exceeds pixel limit");
    return metadata;
  } catch (error) {
    throw asDocumentError(error);
  }
}

function asDocumentError(error: unknown): DocumentError {
  if (error instanceof DocumentError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(reason)) return new DocumentError("image-too-large", reason);
  return new DocumentError("damaged-file", reason);
}
