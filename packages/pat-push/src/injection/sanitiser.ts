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
  if (!Sanitizer || !documents.parseHTML || !("setHTML" in Element.prototype)) return new LateSanitiser();
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

/** DOMPurify, from the first snippet on. */
class LateSanitiser implements Sanitiser {
  #loading: Promise<Sanitiser> | undefined;
  #purify: Sanitiser | undefined;

  parseFragment(html: string): DocumentFragment | Promise<DocumentFragment> {
    return this.#purify?.parseFragment(html) ?? this.#load((purify) => purify.parseFragment(html));
  }

  parseDocument(html: string): Document | Promise<Document> {
    return this.#purify?.parseDocument(html) ?? this.#load((purify) => purify.parseDocument(html));
  }

  /** Again with the next snippet, if it could not be loaded: without it nothing gets into the page. */
  async #load<T>(parse: (purify: Sanitiser) => T | Promise<T>): Promise<T> {
    try {
      this.#purify = await (this.#loading ??= import("../on-demand/purify.ts").then(({ createPurify }) =>
        createPurify(),
      ));
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
    return await parse(this.#purify);
  }
}
