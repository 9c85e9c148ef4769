/** The page that is shown to whoever opens a document's PDF and there is none, or none yet. */
import { escapeHtml } from "./html.ts";
import type { PreviewStatus } from "./previews.ts";

/** Without script and style: it is served under the site's own policy. */
export function renderNoPdfPage({ uid, name = "", status, problem }: PreviewStatus): string {
  const title = `${name || "This document"} is not there as PDF`;
  const lines = [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>`,
    `<body id="pdf-not-available" data-uid="${escapeHtml(uid)}" data-status="${status}">`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(sentence(status, problem?.text))}</p>`,
    ...(status === "failed"
      ? ['<form method="post" action="request-pdf"><button type="submit">Try again</button></form>']
      : []),
    ...(status === "converting" ? ['<p><a href="pdf">Look again</a></p>'] : []),
    "</body></html>",
  ];
  return `${lines.join("\n")}\n`;
}

function sentence(status: PreviewStatus["status"], problem: string | undefined): string {
  switch (status) {
    case "converting":
      return "It is being made; that takes some seconds.";
    case "failed":
      return problem ?? "It could not be made.";
    case "none":
      return "It has not been made. Open the document itself.";
    default:
      return "A document of this kind is shown as images only. Open the document itself.";
  }
}
