/** Keeps scripts out of snippets: by the browser's own Sanitizer, where there is none by DOMPurify, loaded late. */

export interface Sanitiser {
  /** HTML that stands inside something, rows and cells included. */
  parseFragment(html: string): DocumentFragment | Promise<DocumentFragment>;
  /** A whole page. */
  parseDocument(html: string): Document | Promise<Document>;
}

/** Elements that reach beyond where they stand, and one that means something else to a page that runs scripts. */
export const REMOVED: readonly string[] = ["base", "link", "meta", "noscript"];

interface SetHtml {
  setHTML(html: string, options: { sanitizer: unknown }): void;
}
interface NativeSanitizer {
  readonly Sanitizer?: new (config: object) => unknown;
  readonly Document: { parseHTML?(html: string, options: { sanitizer: unknown }): Document };
}

/**
 * The best sanitiser of this browser: no scripts, event handlers, script URLs, frames, objects. Custom elements,
 * `data-` attributes and styles stay.
 */
export function createSanitiser(): Sanitiser {
  const { Sanitizer, Document: documents } = globalThis as unknown as NativeSanitizer;
  if (!Sanitizer || !documents.parseHTML || !("setHTML" in Element.prototype)) return lateSanitiser();
  const sanitizer = new Sanitizer({ removeElements: REMOVED, comments: true });
  const parse = documents.parseHTML.bind(documents);
  return {
    parseFragment(html) {
      const template = document.createElement("template");
      (template as unknown as SetHtml).setHTML(html, { sanitizer });
      return template.content;
    },
    parseDocument: (html) => parse(html, { sanitizer }),
  };
}

/** DOMPurify, from the first snippet on. If it cannot be loaded, nothing gets into the page. */
function lateSanitiser(): Sanitiser {
  let purify: Sanitiser | undefined;
  let loading: Promise<Sanitiser> | undefined;
  const load = async (): Promise<Sanitiser> =>
    (purify = (await import("../on-demand/purify.ts")).createPurify());
  const loaded = (): Promise<Sanitiser> => (loading ??= load().finally(() => (loading = undefined)));
  return {
    parseFragment: (html) => purify?.parseFragment(html) ?? loaded().then((it) => it.parseFragment(html)),
    parseDocument: (html) => purify?.parseDocument(html) ?? loaded().then((it) => it.parseDocument(html)),
  };
}
