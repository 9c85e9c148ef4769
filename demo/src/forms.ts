/** Reads small forms: those that browsers send, and those that pat-inject does, which are multipart. */
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import busboy from "busboy";
import { Refusal } from "./refusal.ts";

const MAX_FIELDS = 20;
const MAX_FIELD_BYTES = 10_000;

/** The fields of a form; files in it are ignored. @throws Refusal `bad-request` or `too-large` */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const fields = new URLSearchParams();
  let truncated = false;
  try {
    const limits = { fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, files: 0 };
    const form = busboy({ headers: request.headers, defParamCharset: "utf8", limits });
    form.on("field", (name, value, info) => {
      truncated ||= info.valueTruncated;
      fields.append(name, value);
    });
    await pipeline(request, form);
  } catch (cause) {
    const refusal = new Refusal("bad-request", "This is no form", "Open the page again, and send its form.");
    refusal.cause = cause;
    throw refusal;
  }
  if (truncated) throw new Refusal("too-large", "This form is too large", "Write less into it.");
  return fields;
}
