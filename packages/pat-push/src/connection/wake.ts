/** Tells a connection what happens to its page: shown again, network back, frozen, in the back/forward cache. */
import type { Connection } from "./connection.ts";

/** Returns what stops it. */
export function followPage(page: Window, connection: Pick<Connection, "wake" | "pause">): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  const listen = (target: EventTarget, types: readonly string[], act: () => void): void => {
    for (const type of types) target.addEventListener(type, act, { signal });
  };
  const wake = (): void => connection.wake();
  const wakeIfShown = (): void => {
    if (page.document.visibilityState === "visible") connection.wake();
  };
  const pause = (): void => connection.pause();
  listen(page, ["online", "pageshow"], wake);
  listen(page, ["focus"], wakeIfShown);
  listen(page, ["pagehide"], pause);
  listen(page.document, ["visibilitychange"], wakeIfShown);
  listen(page.document, ["resume"], wake);
  listen(page.document, ["freeze"], pause);
  return () => stopping.abort();
}
