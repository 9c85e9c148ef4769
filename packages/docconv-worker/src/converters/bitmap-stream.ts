/** Takes bitmaps off a program's output as they come: netpbm's PPM format, one after the other. */
import { DocumentError } from "../document-error.ts";
import type { Bitmap } from "../renderer/page-images.ts";

const CHANNELS = 3;
/** Longest header. */
const HEADER_BYTES = 32;

/** The bitmaps of a number of pages, in their order. */
export class BitmapStream {
  /** Each rejects with what {@link end} was given if it did not come whole. */
  readonly bitmaps: readonly Promise<Bitmap>[];
  readonly #settle: ReturnType<typeof Promise.withResolvers<Bitmap>>[];
  #header: Buffer = Buffer.alloc(0);
  #bitmap: (Bitmap & { readonly data: Buffer }) | undefined;
  #filled = 0;
  #done = 0;

  constructor(count: number) {
    this.#settle = Array.from({ length: count }, () => Promise.withResolvers<Bitmap>());
    this.bitmaps = this.#settle.map(({ promise }) => promise);
    for (const bitmap of this.bitmaps) bitmap.catch(() => undefined); // seen when its turn comes
  }

  /** @throws DocumentError `damaged-file` for what is no bitmap, or too many of them */
  push(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0;) {
      if (this.#done === this.#settle.length) throw broken("more bitmaps than pages");
      rest = this.#bitmap ? this.#fill(this.#bitmap, rest) : this.#begin(rest);
    }
  }

  /** Nothing more comes. */
  end(error: unknown): void {
    for (const { reject } of this.#settle) reject(error); // those that are resolved stay so
  }

  /** Reads the header; returns what follows it. */
  #begin(rest: Buffer): Buffer {
    const seen = this.#header.length;
    this.#header = Buffer.concat([this.#header, rest.subarray(0, HEADER_BYTES - seen)]);
    const head = /^P6\n(\d{1,5}) (\d{1,5})\n255\n/.exec(this.#header.toString("latin1"));
    if (!head) {
      if (this.#header.length === HEADER_BYTES) throw broken("no bitmap");
      return rest.subarray(this.#header.length - seen);
    }
    const [width, height] = [Number(head[1]), Number(head[2])];
    if (width * height === 0) throw broken("a bitmap without pixels");
    this.#bitmap = { width, height, channels: CHANNELS, data: Buffer.allocUnsafe(width * height * CHANNELS) };
    this.#header = Buffer.alloc(0);
    this.#filled = 0;
    return rest.subarray(head[0].length - seen);
  }

  /** Returns what follows the bitmap. */
  #fill(bitmap: Bitmap & { readonly data: Buffer }, rest: Buffer): Buffer {
    const copied = rest.copy(bitmap.data, this.#filled);
    this.#filled += copied;
    if (this.#filled === bitmap.data.length) {
      this.#settle[this.#done]?.resolve(bitmap);
      this.#done += 1;
      this.#bitmap = undefined;
    }
    return rest.subarray(copied);
  }
}

function broken(what: string): DocumentError {
  return new DocumentError("damaged-file", `pdftoppm wrote ${what}.`);
}
