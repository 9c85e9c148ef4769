/** Answers a request with stored bytes: the whole, a part, or that nothing has changed. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { ByteRange, StoredObject } from "./object-store.ts";

/** Opens the whole object, or a part of it; undefined if it is gone meanwhile. */
export type OpenObject = (range?: ByteRange) => Promise<StoredObject | undefined>;

/**
 * RFC 9110: If-None-Match (13.1.2), one Range (14.2), If-Range (13.1.5).
 * @param found what `open` has found already
 * @param headers with the etag
 */
export async function sendStored(
  request: IncomingMessage,
  response: ServerResponse,
  found: StoredObject,
  open: OpenObject,
  headers: Readonly<Record<string, string>> & { readonly etag: string },
): Promise<void> {
  const common = { ...headers, "x-content-type-options": "nosniff", "accept-ranges": "bytes" };
  // A client that has left while we looked: a pipeline to it would never end.
  if (response.destroyed) return void found.body.destroy();
  if (request.headers["if-none-match"] === headers.etag) {
    found.body.destroy();
    response.writeHead(304, common).end();
    return undefined;
  }
  const range = rangeOf(request, headers.etag, found.size);
  if (range === undefined) return send(request, response, 200, common, found, found.size);
  found.body.destroy();
  if (range === "unsatisfiable") {
    response.writeHead(416, { ...common, "content-range": `bytes */${found.size}` }).end();
    return undefined;
  }
  const part = await open(range);
  if (!part) return void response.destroy();
  const { first, last } = range;
  const partial = { ...common, "content-range": `bytes ${first}-${last}/${found.size}` };
  return send(request, response, 206, partial, part, last - first + 1);
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  { body }: StoredObject,
  length: number,
): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": length });
  if (request.method !== "HEAD") return pipeline(body, response);
  body.destroy();
  response.end();
  return undefined;
}

/** Undefined: the whole. Of several ranges the whole, too, as the RFC allows. */
function rangeOf(
  request: IncomingMessage,
  etag: string,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const condition = request.headers["if-range"];
  if (request.method !== "GET" || (condition !== undefined && condition !== etag)) return undefined;
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return first <= last ? { first, last } : "unsatisfiable";
}
