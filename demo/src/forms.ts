/** Reads small forms, as the login form. */
import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

const MAX_FORM_BYTES = 10_000;

/** The fields of a form that is sent urlencoded. @throws Refusal `too-large` */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk as string;
    if (text.length > MAX_FORM_BYTES)
      throw new Refusal("too-large", "This form is too large", "Fill in the login form and send it again.");
  }
  return new URLSearchParams(text);
}
