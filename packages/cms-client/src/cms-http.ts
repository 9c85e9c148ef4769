/** One HTTP exchange with the CMS over kept-alive connections; every way of failing is a CmsUnknownError. */
import {
  Agent as PlainAgent,
  request as plainRequest,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { CmsUnknownError } from "./cms-error.ts";
import { printableUrl } from "./cms-urls.ts";

export interface CmsRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
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

/** Left to a connection that nobody uses; the CMS may say less by its Keep-Alive header. */
const MAX_FREE_SOCKETS = 64;

/** On node:http's agent: it takes half the memory of undici's and of fetch for a burst of short questions. */
export class CmsHttp {
  readonly #plain = new PlainAgent({ keepAlive: true, maxFreeSockets: MAX_FREE_SOCKETS });
  readonly #secure = new SecureAgent({ keepAlive: true, maxFreeSockets: MAX_FREE_SOCKETS });
  readonly #timeoutMs: number;
  #closed = false;

  /** @param timeoutMs for a probe as a whole, for a document's headers, and between two parts of its body */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Asks and reads the answer to its end. Redirects are not followed. @throws CmsUnknownError */
  async ask(question: CmsRequest, signal?: AbortSignal): Promise<CmsAnswer> {
    const deadline = performance.now() + this.#timeoutMs;
    const response = await this.open(question, signal);
    const timer = setTimeout(() => response.destroy(timedOut()), deadline - performance.now());
    try {
      const text = await readText(response, question.url);
      return { ...head(response), text };
    } catch (error) {
      throw this.#explain(error, question.url, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks, and drops the answer's body: however large it is, nobody reads it. @throws CmsUnknownError */
  async askHead(question: CmsRequest): Promise<CmsAnswerHead> {
    const response = await this.open(question);
    discard(response);
    return head(response);
  }

  /** Sends and leaves the body to the caller. Redirects are not followed. @throws CmsUnknownError */
  async open(question: CmsRequest, signal?: AbortSignal): Promise<IncomingMessage> {
    try {
      return await this.#send(question, signal);
    } catch (error) {
      throw this.#explain(error, question.url, signal);
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#plain.destroy();
    this.#secure.destroy();
    return Promise.resolve();
  }

  async #send(question: CmsRequest, signal?: AbortSignal): Promise<IncomingMessage> {
    for (;;) {
      if (this.#closed) throw new CmsUnknownError("The client for the CMS was closed.");
      signal?.throwIfAborted();
      const request = this.#request(question, signal);
      try {
        return await this.#response(request, question.body);
      } catch (error) {
        // A kept-alive connection that the CMS closed just then: nothing was answered, a new one may be tried.
        if (!request.reusedSocket || code(error) !== "ECONNRESET") throw error;
      }
    }
  }

  #request({ url, method, headers, body }: CmsRequest, signal?: AbortSignal): ClientRequest {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const options = { method, headers: { ...headers, ...length }, ...(signal ? { signal } : {}) };
    return url.protocol === "https:"
      ? secureRequest(url, { ...options, agent: this.#secure })
      : plainRequest(url, { ...options, agent: this.#plain });
  }

  #response(request: ClientRequest, body: CmsRequest["body"]): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => request.destroy(timedOut()), this.#timeoutMs);
      request.on("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.once("response", (response) => {
        clearTimeout(timer);
        request.setTimeout(this.#timeoutMs, () => response.destroy(timedOut()));
        resolve(response);
      });
      request.end(body);
    });
  }

  /** The caller's own abort stays what it is; an answer that is wrong stays wrong. */
  #explain(error: unknown, url: URL, signal?: AbortSignal): unknown {
    if (signal?.aborted === true) return signal.reason;
    if (error instanceof CmsUnknownError) return error;
    return new CmsUnknownError(
      `The CMS gave no answer at ${printableUrl(url)} (${code(error)}, limit ${this.#timeoutMs} ms). ` +
        "Check that it runs and that its base URL is right; the question can be asked again.",
      // What could not be parsed is an answer of the CMS's, and no one's to log.
      code(error).startsWith("HPE_") ? {} : { cause: error },
    );
  }
}

function timedOut(): Error {
  return Object.assign(new Error("No answer within the limit."), { code: "ETIMEDOUT" });
}

/** How much of an unwanted body is read for the sake of its connection. */
const MAX_DISCARDED_BYTES = 65_536;

/** Ends an exchange whose body nobody wants: a short one is read, so that its connection can be used again. */
export function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on("error", () => {}); // it broke: nobody wanted it
  response.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes > MAX_DISCARDED_BYTES) response.destroy();
  });
}

/** One header as a string; the first of several. */
export function header(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The media type of a response, lower case, without parameters; empty if there is none. */
export function mediaType(response: IncomingMessage): string {
  return (header(response, "content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function head(response: IncomingMessage): CmsAnswerHead {
  const location = header(response, "location");
  return { status: status(response), mediaType: mediaType(response), location };
}

/** To a login page, most likely: a probe never follows one. */
export function isRedirect(answered: number): boolean {
  return answered >= 300 && answered < 400;
}

/** Of a response to a request of ours: it always has one. */
export function status(response: IncomingMessage): number {
  return response.statusCode ?? 0;
}

function code(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
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
