/** Joins Patternslib: registers the patterns, and starts the page's push with Patternslib's first scan. */
import logging from "@patternslib/patternslib/src/core/logging.js";
import registry from "@patternslib/patternslib/src/core/registry.js";
import { foreignMarkers } from "./message/foreign-markers.ts";
import { createPage, type Page } from "./page.ts";
import { readPageSettings } from "./page-settings.ts";
import { createParser } from "./patterns/grammar.ts";
import { createInjectAsync } from "./patterns/inject-async.ts";
import { createPush, createPushParser } from "./patterns/push.ts";

/**
 * Does nothing, and returns false, if it was done in this page: by another bundle, say.
 * @param worker the URL of `pat-push.worker.min.js` where the page names none
 */
export function registerPatterns(worker?: string): boolean {
  const log = logging.getLogger("pat-push");
  const parser = createParser();
  const pushParser = createPushParser();
  let pushIsOurs = false;
  const markers = (): ReadonlySet<string> => foreignMarkers(pushIsOurs ? undefined : pushParser);
  let page: Page | undefined;
  const thePage = (): Page => (page ??= createPage({ worker, ...readPageSettings() }, parser, markers, log));

  let started = false;
  const onScan = (): void => {
    if (started) return;
    started = true;
    // A federated add-on registers before its host does. The host's own `push` is there by the first scan, or never.
    pushIsOurs = registry.register(createPush(thePage, pushParser));
    thePage();
  };
  return registry.register(createInjectAsync(thePage, parser, onScan));
}
