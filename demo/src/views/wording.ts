/** How pages write sizes, moments and kinds of files. */
import { html, type Html } from "./html.ts";

/** As in `230 KB`, `1.4 MB` and `20 MB`. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1e6).toFixed(1).replace(".0", "")} MB`;
}

/** As in `23 Nov, 14:05`, by the server's clock and zone, and for programs in full. */
export function moment(epochMs: number): Html {
  const date = new Date(epochMs);
  const text = date.toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  return html`<time datetime="${date.toISOString()}">${text}</time>`;
}

/** The extension as a label: `PDF`, or `file` where there is none. */
export function fileKind(name: string): string {
  return /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toUpperCase() ?? "file";
}
