/** One HTTP exchange with the CMS over kept-alive connections; every way of failing is a CmsUnknownError. */
import { Agent, errors, request, type Dispatcher } from "undici";
import { CmsUnknownError } from "./cms-error.ts";
import { printableUrl } from "./cms-urls.ts";

export interface CmsRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What an answer says before its body. */
export interface CmsAnswerHead {
  readonly status: number;
  /** Lower case, without parameters; empty if the CMS gave none. */
  readonly mediaType: string;
  /** The target of a redirect, as the CMS wrote it. */
  readonly location: string | undefined;
}

/** A short answer, read whole. */
export interface CmsAnswer extends CmsAnswerHead {
  readonly text: string;
}

/** Answers to probes are small; a user with very many groups stays far below it. */
const MAX_ANSWER_BYTES = 1_048_576;

export class CmsHttp {
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  /** @param timeoutMs for a probe as a whole, for a document's headers, and between two parts of its body */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }

  /** Asks and reads the answer to its end. Redirects are not followed. @throws CmsUnknownError */
  async ask(question: CmsRequest, signal?: AbortSignal): Promise<CmsAnswer> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await this.#send(question, either(deadline, signal));
      const text = await readText(response.body, question.url);
      return { ...head(response), text };
    } catch (error) {
      throw this.#explain(error, question.url, signal);
    }
  }

  /** Asks, and drops the answer's body: however large it is, nobody reads it. @throws CmsUnknownError */
  async askHead(question: CmsRequest): Promise<CmsAnswerHead> {
    const response = await this.open(question);
    discard(response);
    return head(response);
  }

  /** Sends and leaves the body to the caller. Redirects are not followed. @throws CmsUnknownError */
  async open(question: CmsRequest, signal?: AbortSignal): Promise<Dispatcher.ResponseData> {
    const late = new AbortController();
    // undici counts in whole seconds; until the headers are there, this one is exact.
    const timer = setTimeout(() => late.abort(), this.#timeoutMs);
    try {
      return await this.#send(question, either(late.signal, signal));
    } catch (error) {
      throw this.#explain(error, question.url, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy(new CmsUnknownError("The client for the CMS was closed."));
  }

  #send({ url, method, headers, body }: CmsRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return request(url, { dispatcher: this.#agent, method, headers, body: body ?? null, signal });
  }

  /** The caller's own abort stays what it is; an answer that is wrong stays wrong. */
  #explain(error: unknown, url: URL, signal?: AbortSignal): unknown {
    if (signal?.aborted === true) return signal.reason;
    if (error instanceof CmsUnknownError) return error;
    return new CmsUnknownError(
      `The CMS gave no answer at ${printableUrl(url)} (${reason(error)}, limit ${this.#timeoutMs} ms). ` +
        "Check that it runs and that its base URL is right; the question can be asked again.",
      // What could not be parsed is an answer of the CMS's, and no one's to log.
      error instanceof errors.HTTPParserError ? {} : { cause: error },
    );
  }
}

function either(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? one : AbortSignal.any([one, other]);
}

/** Ends an exchange whose body nobody wants: a short one is read, so that its connection can be used again. */
export function discard(response: Dispatcher.ResponseData): void {
  response.body.dump({ limit: 65_536 }).catch(() => {});
}

/** One header as a string; the first of several. */
export function header(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The media type of a response, lower case, without parameters; empty if there is none. */
export function mediaType(response: Dispatcher.ResponseData): string {
  return (header(response, "content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function head(response: Dispatcher.ResponseData): CmsAnswerHead {
  const location = header(response, "location");
  return { status: response.statusCode, mediaType: mediaType(response), location };
}

/** To a login page, most likely: a probe never follows one. */
export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return code;
}

async function readText(body: AsyncIterable<Uint8Array>, url: URL): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new CmsUnknownError(
        `The CMS's answer at ${printableUrl(url)} is larger than ${MAX_ANSWER_BYTES} bytes: it is no probe's.`,
      );
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
