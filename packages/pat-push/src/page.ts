/** The push of one page, composed: connection, intake, the elements that wait, and what the page shows of it. */
import type Parser from "@patternslib/patternslib/src/core/parser.js";
import { createPushClient, type PushClient } from "./client.ts";
import { Departures } from "./departures.ts";
import { createSanitiser } from "./injection/sanitiser.ts";
import { SnippetFetcher } from "./message/fetch-snippet.ts";
import { Intake, type Log } from "./message/intake.ts";
import { WaitingElements } from "./message/waiting.ts";
import type { PageSettings } from "./page-settings.ts";
import { PageState } from "./page-state.ts";
import type { AsyncOptions } from "./patterns/grammar.ts";

export interface Page {
  /** The element waits for what its options name. Returns what ends that; leaving the page ends it, and calls `gone`. */
  wait(element: HTMLElement, options: readonly AsyncOptions[], gone: () => void): () => void;
  /** Calls back for each push of this id, until the element leaves the page. Returns what ends it. */
  onMarker(pushId: string, element: Element, act: () => void, gone: () => void): () => void;
  close(): Promise<void>;
}

/**
 * Connects if the settings have a URL; push-ids that others fire are heard anyway.
 * @param parser of `data-pat-inject-async`
 * @param foreignMarkers the push-ids that other patterns fetch for
 */
export function createPage(
  settings: PageSettings,
  parser: Parser,
  foreignMarkers: () => ReadonlySet<string>,
  log: Log,
): Page {
  const closing = new AbortController();
  const departures = new Departures();
  let client: PushClient | undefined;
  const waiting = new WaitingElements({
    subscribe: (topic) => client?.subscribe(topic),
    unsubscribe: (topic) => client?.unsubscribe(topic),
  });
  const intake = new Intake({
    parser,
    sanitiser: createSanitiser(settings.sanitise),
    fetcher: new SnippetFetcher(settings.origins),
    waiting,
    log,
  });
  const state = new PageState();
  if (settings.url !== undefined) {
    client = createPushClient({
      url: settings.url,
      renderedAtMs: settings.renderedAtMs,
      user: settings.user,
      worker: settings.worker,
      onMessage: (frame) => intake.receive(frame),
      onState: (next) => state.show(next),
      onGap: (topic) => intake.refetchAll(topic, topic === undefined ? foreignMarkers() : new Set()),
      onRefused: (topic) => log.warn(`${topic} is refused to this user.`),
    });
  }
  onPush((pushId) => intake.refetch(pushId), closing.signal);

  const observer = new MutationObserver((records) => {
    if (records.some(({ removedNodes }) => removedNodes.length > 0)) departures.check();
    if (records.some(({ addedNodes }) => addedNodes.length > 0)) intake.retryParked();
  });
  observer.observe(document, { childList: true, subtree: true });

  return {
    wait(element, options, gone) {
      waiting.add(element, options);
      const unwatch = departures.watch(element, gone);
      return () => {
        unwatch();
        waiting.remove(element);
      };
    },
    onMarker(pushId, element, act, gone) {
      const listening = new AbortController();
      onPush((id) => id === pushId && act(), AbortSignal.any([closing.signal, listening.signal]));
      const unwatch = departures.watch(element, gone);
      return () => {
        unwatch();
        listening.abort();
      };
    },
    async close() {
      closing.abort();
      observer.disconnect();
      intake.close();
      await client?.close();
      state.close();
    },
  };
}

/** Patternslib's `push` event, whoever fires it. */
function onPush(act: (pushId: string) => void, signal: AbortSignal): void {
  const listener = (event: Event): void => {
    const { detail } = event as CustomEvent<{ body?: unknown } | undefined>;
    if (typeof detail?.body === "string") act(detail.body);
  };
  document.body.addEventListener("push", listener, { signal });
}
