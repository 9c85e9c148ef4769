/** Tells a connection what happens to its page: shown again, network back, frozen, in the back/forward cache. */
import type { Connection } from "./connection.ts";

/** Returns what stops it. */
export function followPage(page: Window, connection: Pick<Connection, "wake" | "pause">): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wake = (): void => {
    if (page.document.visibilityState === "visible") connection.wake();
  };
  page.addEventListener("online", () => connection.wake(), { signal });
  page.addEventListener("focus", wake, { signal });
  page.addEventListener("pageshow", () => connection.wake(), { signal });
  page.addEventListener("pagehide", () => connection.pause(), { signal });
  page.document.addEventListener("visibilitychange", wake, { signal });
  page.document.addEventListener("freeze", () => connection.pause(), { signal });
  page.document.addEventListener("resume", () => connection.wake(), { signal });
  return () => stopping.abort();
}
