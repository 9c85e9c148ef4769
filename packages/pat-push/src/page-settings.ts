/** What the page's `<meta name="patterns-push-...">` elements say. */

export interface PageSettings {
  /** `patterns-push-url`: the push server's prefix. Undefined: no push in this page. */
  readonly url: string | undefined;
  /** `patterns-push-cursor`: when the page was rendered, in epoch milliseconds by the server's clock. */
  readonly renderedAtMs: number | undefined;
  /** `patterns-push-user`: for whom. */
  readonly user: string | undefined;
  /** `patterns-push-worker`: URL of `pat-push.worker.min.js`. Default: beside the add-on's own file. */
  readonly worker?: string | undefined;
  /** `patterns-push-sanitise`: `off` where snippets may have what the page itself may have. Default: true. */
  readonly sanitise?: boolean;
  /** `patterns-push-origins`: whose snippets may be fetched beside the page's own; separated by spaces. */
  readonly origins: readonly string[];
}

/** Reads them once: they do not change while a page lives. */
export function readPageSettings(page: Document = document): PageSettings {
  const meta = (name: string): string | undefined =>
    page.querySelector<HTMLMetaElement>(`meta[name="patterns-push-${name}"]`)?.content.trim() || undefined;
  // A whole cursor, `<ms>-<sequence>`, is taken as well.
  const renderedAtMs = Number.parseInt(meta("cursor") ?? "", 10);
  return {
    // Core's push_kit has the same meta element for its STOMP broker, and an exchange beside it.
    url: meta("exchange") === undefined ? meta("url") : undefined,
    renderedAtMs: Number.isNaN(renderedAtMs) ? undefined : renderedAtMs,
    user: meta("user"),
    ...(meta("worker") && { worker: meta("worker") }),
    ...(meta("sanitise") === "off" && { sanitise: false }),
    origins: meta("origins")?.split(/\s+/) ?? [],
  };
}
