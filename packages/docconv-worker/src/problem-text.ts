/** What the person who looks at the page reads when there is no preview: what is wrong, and what to do. */
import { DOCUMENT_PROBLEMS } from "./document-error.ts";
import type { PreviewProblem } from "./preview.ts";

const SERVER_PROBLEMS: Readonly<Record<string, string>> = {
  "session-expired": "You were logged out before the preview was made. Log in and upload the file again.",
  "credentials-gone": "The preview could not be made in time. Upload the file again to get one.",
  "not-visible": "You may not read this file any more, so its preview was not made.",
  "document-not-found": "This file is gone, or was moved before its preview was made. Upload it again.",
  "cms-unknown": "The site did not answer when the preview was made. Upload the file again in a few minutes.",
  "office-missing":
    "This server cannot make previews of office files. Save the file as PDF and upload that, or ask whoever runs the site.",
  cancelled: "The preview was called off before it was ready. Upload the file again to get one.",
  "store-full":
    "There is no room for the preview on this server. Tell whoever runs the site, and upload the file again later.",
  "store-away": "The preview could not be kept on this server. Upload the file again in a few minutes.",
  expired: "The preview could not be made in time. Upload the file again to get one.",
};

const UNFORESEEN =
  "The preview could not be made because of an error on the server. Try again later; if it happens again, tell whoever runs the site.";

/** The sentence for an error's code. */
export function problemOf(code: string): PreviewProblem {
  const texts: Readonly<Record<string, string>> = { ...SERVER_PROBLEMS, ...DOCUMENT_PROBLEMS };
  return { code, text: texts[code] ?? UNFORESEEN };
}
