/** In the renderer process: a page as poppler wrote it into a file, in netpbm's PPM format. */
import { readFile } from "node:fs/promises";
import { DocumentError } from "../document-error.ts";
import type { Bitmap } from "./page-images.ts";

const CHANNELS = 3;
/** Longest header. */
const HEADER_BYTES = 32;

/** @throws DocumentError `damaged-file` for what is no bitmap, or not a whole one */
export async function readBitmap(path: string): Promise<Bitmap> {
  const bytes = await readFile(path);
  const head = /^P6\n(\d{1,5}) (\d{1,5})\n255\n/.exec(bytes.toString("latin1", 0, HEADER_BYTES));
  const [width, height] = [Number(head?.[1]), Number(head?.[2])];
  const data = bytes.subarray(head?.[0].length ?? 0);
  if (!head || data.length === 0 || data.length !== width * height * CHANNELS) {
    throw new DocumentError("damaged-file", `pdftoppm wrote no bitmap, but ${bytes.length} other bytes.`);
  }
  return { width, height, channels: CHANNELS, data };
}
