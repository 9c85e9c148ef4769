/** Signs and checks what is posted to the intake: HMAC-SHA256 over the time and the exact bytes of the body. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { DocconvError } from "./docconv-error.ts";
import { headerOf } from "./http-answer.ts";

/** The header that carries a signature: `t=<unix seconds>,v1=<hex>`. */
export const SIGNATURE_HEADER = "x-push-signature";

/** Oldest (and, for clocks that differ, most future) signature that counts, in seconds. */
const MAX_SIGNATURE_AGE_SECONDS = 300;

const SIGNATURE = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/** The value of the signature header for these bytes, signed now. */
export function signBody(secret: string, body: Uint8Array, nowMs: number = Date.now()): string {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},v1=${hmac(secret, seconds, body).toString("hex")}`;
}

/** @throws DocconvError `bad-signature`, `stale-signature` */
export function checkSignature(
  secret: string,
  body: Uint8Array,
  header: string | undefined,
  nowMs: number = Date.now(),
): void {
  const match = SIGNATURE.exec(header ?? "");
  if (!match) {
    throw new DocconvError(
      "bad-signature",
      "The request is not signed: send X-Push-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256 over " +
        "`<unix seconds>.<body>` with the shared secret>.",
    );
  }
  const seconds = Number(match[1]);
  const given = Buffer.from(match[2] ?? "", "hex");
  if (!timingSafeEqual(given, hmac(secret, seconds, body))) {
    throw new DocconvError(
      "bad-signature",
      "The signature does not fit the body: both sides need the same secret, and the bytes that were signed.",
    );
  }
  const ageSeconds = Math.floor(nowMs / 1000) - seconds;
  if (Math.abs(ageSeconds) <= MAX_SIGNATURE_AGE_SECONDS) return;
  const what = ageSeconds > 0 ? `${ageSeconds} s old` : `of a time ${-ageSeconds} s from now`;
  throw new DocconvError(
    "stale-signature",
    `The signature is ${what}, and ${MAX_SIGNATURE_AGE_SECONDS} s are allowed: sign when sending, and set the ` +
      `clocks of both machines by NTP. It is ${new Date(nowMs).toISOString()} here.`,
  );
}

/** An id for what is posted without one: sent again with the same signature, it is the same. */
export function idOfSignature(request: IncomingMessage): string {
  return `signed-${SIGNATURE.exec(headerOf(request, SIGNATURE_HEADER) ?? "")?.[2] ?? ""}`;
}

/** Checks a request with a body. @throws DocconvError `bad-signature`, `stale-signature` */
export function checkSignedBody(secret: string, body: Uint8Array, request: IncomingMessage): void {
  checkSignature(secret, body, headerOf(request, SIGNATURE_HEADER));
}

/**
 * Checks a request without a body: what is signed is `<METHOD> <path>`, so that a signature is good for one thing.
 * @throws DocconvError `bad-signature`, `stale-signature`
 */
export function checkSignedRequest(secret: string, request: IncomingMessage): void {
  const [path = ""] = (request.url ?? "").split("?");
  const signed = Buffer.from(`${request.method} ${path}`);
  checkSignature(secret, signed, headerOf(request, SIGNATURE_HEADER));
}

function hmac(secret: string, seconds: number, body: Uint8Array): Buffer {
  return createHmac("sha256", secret).update(`${seconds}.`).update(body).digest();
}
