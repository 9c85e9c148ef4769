/** Keeps scripts out of snippets: by the browser's own Sanitizer, where there is none by DOMPurify, loaded late. */

export interface Sanitiser {
  /** HTML that stands inside something, rows and cells included. */
  parseFragment(html: string): DocumentFragment | Promise<DocumentFragment>;
  /** A whole page. */
  parseDocument(html: string): Document | Promise<Document>;
}

/** Elements that reach beyond where they stand, and one that means something else to a page that runs scripts. */
export const REMOVED: readonly string[] = ["base", "link", "meta", "noscript"];

interface SanitiserPart {
  create(): Sanitiser;
}

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
 * @param sanitises default: true. Otherwise snippets are parsed, and stay as they are
 */
export function createSanitiser(sanitises = true): Sanitiser {
  if (!sanitises) return lateSanitiser(() => import("../on-demand/plain.ts"));
  const { Sanitizer, Document: documents } = globalThis as unknown as NativeSanitizer;
  if (!Sanitizer || !documents.parseHTML || !("setHTML" in Element.prototype))
    return lateSanitiser(() => import("../on-demand/purify.ts"));
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

/** One that is loaded with the first snippet. If it cannot be loaded, nothing gets into the page. */
function lateSanitiser(part: () => Promise<SanitiserPart>): Sanitiser {
  let sanitiser: Sanitiser | undefined;
  let loading: Promise<Sanitiser> | undefined;
  const load = async (): Promise<Sanitiser> => (sanitiser = (await part()).create());
  const loaded = (): Promise<Sanitiser> => (loading ??= load().finally(() => (loading = undefined)));
  return {
    parseFragment: (html) => sanitiser?.parseFragment(html) ?? loaded().then((it) => it.parseFragment(html)),
    parseDocument: (html) => sanitiser?.parseDocument(html) ?? loaded().then((it) => it.parseDocument(html)),
  };
}
