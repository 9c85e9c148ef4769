/** The HTTP edge: answers as JSON, and errors as a status with a code and a sentence. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { DocconvError } from "./docconv-error.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { describeFailure, traceOf } from "./queues/failure.ts";

const STATUS: Readonly<Record<string, number>> = {
  "bad-signature": 401,
  "stale-signature": 401,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  "no-pdf": 404,
  "method-not-allowed": 405,
  "body-too-large": 413,
  "invalid-job": 400,
  "cms-unknown": 503,
  "queue-away": 503,
  "store-away": 503,
  "store-full": 503,
};

/** Answers with JSON that is never cached. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": body.length,
    "cache-control": "no-store",
    ...(status === 503 && { "retry-after": "5" }),
  });
  response.end(body);
}

/** Answers with text that is asked for again each time. */
export function sendText(response: ServerResponse, mediaType: string, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(200, {
    "content-type": `${mediaType}; charset=utf-8`,
    "content-length": body.length,
    "cache-control": "private, no-cache",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

/** Answers with an error's code and text; of foreign errors the log gets what may be said, and the answer nothing. */
export function sendError(response: ServerResponse, error: unknown, logger: Logger = silentLogger): void {
  const { code, text } = describeFailure(error);
  // A client that leaves in the middle of an answer is nobody's fault.
  const isGone = code === "ERR_STREAM_PREMATURE_CLOSE" || response.destroyed;
  if (STATUS[code] === undefined && !isGone) logger.error({ error: traceOf(error) }, "A request failed");
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendJson(response, STATUS[code] ?? 500, {
    code,
    error: code === "unforeseen" ? "An error on the server." : text,
  });
}

/** @throws DocconvError `body-too-large` */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new DocconvError("body-too-large", `The body has more than ${maxBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws DocconvError `method-not-allowed` */
export function requireMethod(request: IncomingMessage, ...methods: readonly string[]): void {
  if (methods.includes(request.method ?? "")) return;
  throw new DocconvError("method-not-allowed", `Here only ${methods.join(", ")} is answered.`);
}

/** A header that comes once. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** For an address that leads nowhere. */
export function notFound(what: string): DocconvError {
  return new DocconvError("not-found", what);
}
