/** A page for the browser tests: real Patternslib, real pat-inject, and a place that is empty again afterwards. */
import "@patternslib/patternslib/src/pat/inject/inject.js";
import * as calm from "../calm/calm.ts";
import { Parts } from "../on-demand/parts.ts";
import type { MessageBody, Topic } from "push-protocol";
import { createSanitiser, type Sanitiser } from "../injection/sanitiser.ts";
import { SnippetFetcher } from "../message/fetch-snippet.ts";
import { Intake } from "../message/intake.ts";
import { WaitingElements } from "../message/waiting.ts";
import { createParser, type AsyncOptions } from "../patterns/grammar.ts";

export interface Fixture {
  readonly root: HTMLElement;
  readonly intake: Intake;
  readonly warnings: string[];
  /** Topics that are subscribed to now. */
  readonly topics: Set<Topic>;
  /** Hands a message to the intake, as the next of the log. */
  push(message: MessageBody, topics?: readonly Topic[]): void;
  /** Makes the elements of the page that have the attribute wait. */
  wait(): void;
  close(): void;
}

/** @param frameBudgetMs for tests of the pace; the others see at once what they push, on a slow machine, too */
export function createFixture(
  html: string,
  sanitiser: Sanitiser = createSanitiser(),
  frameBudgetMs: number = Number.POSITIVE_INFINITY,
): Fixture {
  const root = document.createElement("main");
  root.innerHTML = html;
  document.body.append(root);
  const warnings: string[] = [];
  const topics = new Set<Topic>();
  const parser = createParser();
  const waiting = new WaitingElements({
    subscribe: (topic) => topics.add(topic),
    unsubscribe: (topic) => topics.delete(topic),
  });
  const log = { debug: () => undefined, warn: (...texts: unknown[]) => warnings.push(texts.join(" ")) };
  const intake = new Intake({
    parser,
    sanitiser,
    fetcher: new SnippetFetcher(),
    waiting,
    log,
    frameBudgetMs,
    parts: Object.assign(new Parts(reportError), { calm }),
  });
  let sequence = 0;
  return {
    root,
    intake,
    warnings,
    topics,
    push(message, messageTopics = ["all"]) {
      intake.receive({ type: "message", cursor: `1000-${sequence++}`, topics: messageTopics, message });
    },
    wait() {
      for (const element of root.querySelectorAll<HTMLElement>("[data-pat-inject-async]"))
        waiting.add(element, parser.parse(element, {}, true) as AsyncOptions[]);
    },
    close() {
      intake.close();
      root.remove();
    },
  };
}

/** A URL of the test server that answers as told. */
export function replyUrl(reply: Readonly<Record<string, string | number>>): string {
  return `/__reply?${new URLSearchParams(Object.entries(reply).map(([key, value]) => [key, String(value)]))}`;
}

/** Until the condition holds; fails after five seconds, saying what was waited for. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 5000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
