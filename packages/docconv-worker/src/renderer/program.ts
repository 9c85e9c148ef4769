/** The renderer process: opens one document after the other and encodes its pages, alone behind a pipe. */
import sharp from "sharp";
import { DocumentError } from "../document-error.ts";
import { readBitmap } from "./bitmap-file.ts";
import { encodeFrameHead, type Frame, readFrames } from "./frames.ts";
import { openImage } from "./image-document.ts";
import type { OpenDocument } from "./open-document.ts";
import { encodePage, type PageImages } from "./page-images.ts";
import { loadPdfium, type OpenPdf } from "./pdf-document.ts";
import type { RendererAnswer, RendererRequest } from "./requests.ts";

const MAX_BODY_BYTES = 0xff_ff_ff_ff;
const NOTHING = Buffer.alloc(0);

interface Answer {
  readonly header: RendererAnswer;
  readonly body: Buffer;
}

class Renderer {
  readonly #openPdf: OpenPdf;
  #document: OpenDocument | undefined;

  constructor(openPdf: OpenPdf) {
    this.#openPdf = openPdf;
  }

  async answer({ header, body }: Frame<RendererRequest>): Promise<Answer> {
    try {
      switch (header.type) {
        case "open":
          this.#document?.close();
          this.#document = undefined;
          this.#document = await (header.kind === "pdf"
            ? this.#openPdf(body)
            : openImage(body, header.kind === "image"));
          return { header: { type: "opened", pageCount: this.#document.pageCount }, body: NOTHING };
        case "page":
          if (!this.#document) throw new Error("No document is open.");
          return images(await this.#document.page(header.page, header.style));
        case "text": {
          const pages = this.#document?.text(header.pageLimit) ?? [];
          return { header: { type: "text" }, body: Buffer.from(JSON.stringify(pages)) };
        }
        case "markup": {
          // Only here: most renderers never see any.
          const { markupToHtml } = await import("./markup.ts");
          return { header: { type: "markup" }, body: Buffer.from(await markupToHtml(header.kind, body)) };
        }
        default: {
          const bitmap = await readBitmap(header.path);
          return images(await encodePage(bitmap, header.pageSize, header.style, true));
        }
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const problem = error instanceof DocumentError ? { problem: error.code } : {};
      return { header: { type: "failed", reason, ...problem }, body: NOTHING };
    }
  }
}

function images({ images: list, placeholder, body }: PageImages): Answer {
  return { header: { type: "images", images: list, placeholder }, body };
}

function send({ header, body }: Answer): void {
  process.stdout.write(encodeFrameHead(header, body.length));
  process.stdout.write(body);
}

sharp.cache(false); // every image comes by once
const renderer = new Renderer(await loadPdfium());
send({ header: { type: "ready" }, body: NOTHING });
// Two at once, for two cores and while the next bitmap arrives; the answers go out in the order of the requests.
let sent = Promise.resolve();
for await (const frame of readFrames<RendererRequest>(process.stdin, MAX_BODY_BYTES)) {
  const [answer, before] = [renderer.answer(frame), sent];
  sent = before.then(async () => send(await answer));
  await before;
}
await sent;
// The worker has closed the pipe, or is gone.
process.exit(0);
