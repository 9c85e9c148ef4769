/** A document's body on its way to the caller: never more than allowed, never a login page that says 200. */
import type { IncomingMessage } from "node:http";
import {
  CmsUnknownError,
  DocumentTooLargeError,
  NotVisibleError,
  SessionExpiredError,
  UnexpectedAnswerError,
} from "./cms-error.ts";
import { discard, header, mediaType } from "./cms-http.ts";
import { printableUrl } from "./cms-urls.ts";

export interface ReadDocumentOptions {
  readonly url: URL;
  readonly maxBytes: number;
  /** HTML that comes as a page, not as a file, may be a login form. */
  readonly mayBeLogin: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Of a page, how much is searched for a login form: Plone's has it far in front of this. */
const SEARCHED_BYTES = 262_144;
/** Plone's: `login_form` up to 5, `login-form` and its field since 6. Other pages mention them, in `robots.txt`. */
const LOGIN_FORM = /(?:id|name)=["']?(?:login_form|login-form|__ac_name)["'\s>]/;

/** @throws DocumentTooLargeError, SessionExpiredError, NotVisibleError, UnexpectedAnswerError, CmsUnknownError */
export async function readDocument(
  response: IncomingMessage,
  options: ReadDocumentOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const { url, maxBytes, mayBeLogin } = options;
  try {
    const encoding = header(response, "content-encoding") ?? "identity";
    if (encoding !== "identity") {
      throw new UnexpectedAnswerError(
        `${printableUrl(url)} comes compressed (${encoding}) though it was asked for as it is: ` +
          "switch that off between us and the CMS.",
      );
    }
    if (Number(header(response, "content-length") ?? 0) > maxBytes) throw tooLarge(options);
    const body = bounded(response, options);
    return mayBeLogin && mediaType(response) === "text/html" ? await refuseLogin(body, options) : body;
  } catch (error) {
    discard(response);
    throw error;
  }
}

async function* bounded(
  body: AsyncIterable<Uint8Array>,
  options: ReadDocumentOptions,
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  try {
    for await (const part of body) {
      bytes += part.length;
      if (bytes > options.maxBytes) throw tooLarge(options);
      yield part;
    }
  } catch (error) {
    throw explain(error, options);
  }
}

/** Reads a page far enough to see a login form in it, and then gives all of it. */
async function refuseLogin(
  body: AsyncGenerator<Uint8Array, void>,
  { url }: ReadDocumentOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < SEARCHED_BYTES) {
    const next = await body.next();
    if (next.done === true) break;
    read.push(next.value);
    bytes += next.value.length;
  }
  const page = Buffer.concat(read).toString("latin1");
  if (LOGIN_FORM.test(page)) {
    throw new SessionExpiredError(
      `${printableUrl(url)} is a login form, not a document: the session is over. Log in and save the document again.`,
    );
  }
  if (page.includes("Insufficient Privileges")) {
    throw new NotVisibleError(
      `The CMS does not show ${printableUrl(url)} to this user: insufficient privileges.`,
    );
  }
  return resume(read, body);
}

async function* resume(
  read: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* read;
    yield* rest;
  } finally {
    await rest.return();
  }
}

function explain(error: unknown, { url, signal }: ReadDocumentOptions): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof DocumentTooLargeError) return error;
  return new CmsUnknownError(
    `The connection broke while ${printableUrl(url)} was being read: it can be fetched again.`,
    {
      cause: error,
    },
  );
}

function tooLarge({ url, maxBytes }: ReadDocumentOptions): DocumentTooLargeError {
  return new DocumentTooLargeError(
    `${printableUrl(url)} is larger than the ${maxBytes} bytes allowed.`,
    maxBytes,
  );
}
