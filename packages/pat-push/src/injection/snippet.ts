/** From text to inert nodes: nothing in a snippet loads, runs or is upgraded before it is inserted. */
import { disarmNames } from "./names.ts";
import type { Sanitiser } from "./sanitiser.ts";

/** The nodes of a snippet, in a document of their own. A whole page's body stands in it as `#__original_body`. */
export type Snippet = DocumentFragment;

/** pat-inject's name for what was the body, so that `source: body` finds it. */
const BODY_ID = "__original_body";

/** Parses and sanitises. Waits only until the sanitiser is loaded. */
export function parseSnippet(html: string, sanitiser: Sanitiser): Snippet | Promise<Snippet> {
  const text = html.trim();
  // A template keeps rows and cells, which a document would drop; a document keeps the body apart.
  const parsed = /^<!doctype\b|<(?:html|body)\b/i.test(text)
    ? sanitiser.parseDocument(text)
    : sanitiser.parseFragment(text);
  return parsed instanceof Promise ? parsed.then(snippetOf) : snippetOf(parsed);
}

function snippetOf(parsed: Document | DocumentFragment): Snippet {
  const snippet = parsed instanceof DocumentFragment ? parsed : bodyOf(parsed);
  disarmNames(snippet);
  return snippet;
}

function bodyOf(page: Document): Snippet {
  const body = page.createElement("div");
  body.id = BODY_ID;
  body.append(...page.body.childNodes);
  const snippet = page.createDocumentFragment();
  snippet.append(body);
  return snippet;
}

/** The body of a whole page; undefined if the snippet is a part of one. */
export function originalBody(snippet: Snippet): Element | undefined {
  const first = snippet.firstElementChild;
  return first?.id === BODY_ID ? first : undefined;
}
