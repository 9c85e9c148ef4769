/** Reads an upload form: streams its file on, and stops at the limit without keeping what came. */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import busboy from "busboy";
import { Refusal } from "./refusal.ts";
import { fileSize } from "./views/wording.ts";

/** A file on its way in. Reading `content` fails with a Refusal when it turns out too large. */
export interface IncomingFile {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Readable;
}

type FileStream = Readable & { readonly truncated?: boolean };

const LONGEST_NAME = 160;

/**
 * Hands the form's one file to `store` while it comes in. The request is read to its end in any case: a browser
 * that is still sending does not see an answer.
 * @throws Refusal `bad-request` or `too-large`
 */
export async function receiveUpload<T>(
  request: IncomingMessage,
  maxBytes: number,
  store: (file: IncomingFile) => Promise<T>,
): Promise<T> {
  const stored = Promise.withResolvers<T>();
  const form = readForm(request, maxBytes);
  let found = false;
  form.on("file", (_field, stream, { filename, mimeType }) => {
    if (found || !filename) {
      stream.resume();
      return;
    }
    found = true;
    const name = fileName(filename);
    const content = Readable.from(upToLimit(stream, name, maxBytes));
    store({ name, mediaType: mediaType(mimeType), content }).then(stored.resolve, stored.reject);
  });
  form.on("close", () => {
    if (!found) stored.reject(noFile());
  });
  pipeline(request, form).catch((cause: unknown) =>
    stored.reject(found ? interrupted(cause) : noFile(cause)),
  );
  try {
    return await stored.promise;
  } catch (error) {
    request.unpipe(form);
    request.resume();
    if (!request.complete)
      await new Promise((resolve) => request.once("close", resolve).once("end", resolve));
    throw error;
  }
}

function readForm(request: IncomingMessage, maxBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: "utf8",
      limits: { files: 1, fields: 20, fieldSize: 10_000, fileSize: maxBytes },
    });
  } catch (cause) {
    throw noFile(cause);
  }
}

async function* upToLimit(stream: FileStream, name: string, maxBytes: number): AsyncGenerator<Uint8Array> {
  yield* stream as AsyncIterable<Uint8Array>;
  if (!stream.truncated) return;
  throw new Refusal(
    "too-large",
    `${name} is too large`,
    `A document may have up to ${fileSize(maxBytes)}. Make it smaller, for example by reducing the resolution of ` +
      "its images, or split it, and upload it again. Nothing of it was kept.",
  );
}

/** Without what would not print, and not longer than a line. */
function fileName(name: string): string {
  const printable = name.replaceAll(/[\p{Cc}\p{Cf}/\\]/gu, "").trim();
  return printable.length <= LONGEST_NAME ? printable || "document" : `…${printable.slice(-LONGEST_NAME)}`;
}

function mediaType(claimed: string): string {
  return /^[\w.+-]{1,127}\/[\w.+-]{1,127}$/.test(claimed) ? claimed : "application/octet-stream";
}

function noFile(cause?: unknown): Refusal {
  const refusal = new Refusal("bad-request", "No file came in", "Choose a file, then press Upload.");
  refusal.cause = cause;
  return refusal;
}

function interrupted(cause: unknown): Refusal {
  const refusal = new Refusal(
    "bad-request",
    "The upload was interrupted",
    "Nothing was kept. Upload it again.",
  );
  refusal.cause = cause;
  return refusal;
}
