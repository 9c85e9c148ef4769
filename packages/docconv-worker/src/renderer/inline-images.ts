/** In the renderer process: the images of a page of HTML, decoded and made anew, so that LibreOffice gets none raw. */
import sanitize from "sanitize-html";
import sharp from "sharp";

/** An image, as a data: URL of a PNG or JPEG. */
interface InlineImage {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** By the URL that the page names it by. */
export type InlineImages = ReadonlyMap<string, InlineImage>;

/** More than anybody puts on a page that is read. */
const MAX_IMAGES = 100;
const MAX_PIXELS = 50_000_000;
/** Twice as wide as they are shown. */
const MAX_WIDTH = 1280;
/** No SVG: it can name other places. */
const DATA_URL = /^data:image\/(?:png|jpe?g|gif|webp|avif|tiff);base64,([\w+/=\s]+)$/i;

/** @param named the bytes of images by URL, as `cid:` of an e-mail; those in data: URLs come out of the page itself */
export async function prepareImages(
  html: string,
  named: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<InlineImages> {
  const images = new Map<string, InlineImage>();
  for (const source of sourcesOf(html)) {
    const bytes = named.get(source) ?? dataOf(source);
    const image = bytes && (await remake(bytes));
    if (image) images.set(source, image);
  }
  return images;
}

function sourcesOf(html: string): ReadonlySet<string> {
  const sources = new Set<string>();
  sanitize(html, {
    allowedTags: ["img"],
    transformTags: {
      img: (tagName, attribs) => {
        if (attribs["src"] && sources.size < MAX_IMAGES) sources.add(attribs["src"]);
        return { tagName, attribs };
      },
    },
  });
  return sources;
}

function dataOf(source: string): Buffer | undefined {
  const [, base64] = DATA_URL.exec(source) ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}

/** Undefined for what is no image, or too large a one: the page is shown without it. */
async function remake(bytes: Uint8Array): Promise<InlineImage | undefined> {
  try {
    const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: "error" }).autoOrient();
    const { hasAlpha, format } = await image.metadata();
    if (format === "svg") return undefined;
    const resized = image.resize({ width: MAX_WIDTH, withoutEnlargement: true }).toColourspace("srgb");
    const encoded = hasAlpha || format !== "jpeg" ? resized.png() : resized.jpeg({ quality: 85 });
    const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
    const url = `data:image/${info.format};base64,${data.toString("base64")}`;
    return { url, width: info.width, height: info.height };
  } catch {
    return undefined;
  }
}
