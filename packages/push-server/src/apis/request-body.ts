/** Request bodies, up to a bound. */
import type { IncomingMessage } from "node:http";
import { refusals, type Refusal } from "../refusal.ts";

/** Takes the body of a request in. @throws Refusal 413 as soon as it is known to be larger */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
    request.on("error", reject);
    boundBody(request, maxBytes, reject);
  });
}

/**
 * Calls `tooLarge` once, and keeps the rest from whoever reads the body, as soon as it is known to be larger.
 * @returns false if it is known already
 */
export function boundBody(
  request: IncomingMessage,
  maxBytes: number,
  tooLarge: (refusal: Refusal) => void,
): boolean {
  const stop = (): false => {
    request.removeAllListeners("data").removeAllListeners("end");
    request.resume(); // the answer arrives only if the rest is taken off the line
    tooLarge(refusals.tooLarge(maxBytes));
    return false;
  };
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return stop();
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) stop();
  });
  return true;
}
