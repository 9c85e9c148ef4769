/** Keeps scripts out of snippets: by the browser's own Sanitizer, where there is none by DOMPurify, loaded late. */

export interface Sanitiser {
  /** HTML that stands inside something, rows and cells included. */
  parseFragment(html: string): DocumentFragment | Promise<DocumentFragment>;
  /** A whole page. */
  parseDocument(html: string): Document | Promise<Document>;
}

/** Elements that reach beyond where they stand. */
const REMOVED = ["base", "link", "meta"];

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
  if (!Sanitizer || !documents.parseHTML || !("setHTML" in Element.prototype)) return new PurifySanitiser();
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

type Purify = (node: Element) => void;

/** Parsed inert first, then cleaned in place: DOMPurify's own parsing would drop rows and cells. */
class PurifySanitiser implements Sanitiser {
  #purify: Purify | undefined;
  #loading: Promise<Purify> | undefined;
  #policy: TrustedHtmlPolicy | undefined;

  parseFragment(html: string): DocumentFragment | Promise<DocumentFragment> {
    return this.#purified((purify) => {
      const template = document.createElement("template");
      template.innerHTML = this.#trust(html);
      const holder = template.content.ownerDocument.createElement("div");
      holder.append(template.content);
      purify(holder);
      template.content.append(...holder.childNodes);
      return template.content;
    });
  }

  parseDocument(html: string): Document | Promise<Document> {
    return this.#purified((purify) => {
      const page = new DOMParser().parseFromString(this.#trust(html), "text/html");
      purify(page.body);
      return page;
    });
  }

  #purified<T>(parse: (purify: Purify) => T): T | Promise<T> {
    if (this.#purify) return parse(this.#purify);
    this.#loading ??= loadPurify();
    return this.#loading.then((purify) => {
      this.#purify = purify;
      return parse(purify);
    });
  }

  /** Under `require-trusted-types-for 'script'`, parsing wants a policy: ours passes on what is cleaned right after. */
  #trust(html: string): string {
    const { trustedTypes } = globalThis as unknown as { trustedTypes?: TrustedTypes };
    this.#policy ??= trustedTypes?.createPolicy("pat-push", { createHTML: (text) => text });
    return (this.#policy?.createHTML(html) ?? html) as string;
  }
}

interface TrustedHtmlPolicy {
  createHTML(html: string): unknown;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(html: string): string }): TrustedHtmlPolicy;
}

async function loadPurify(): Promise<Purify> {
  const { default: DOMPurify } = await import("dompurify");
  const options = {
    IN_PLACE: true,
    FORBID_TAGS: REMOVED,
    ADD_ATTR: ["target", "form", "formaction", "formmethod", "formtarget"],
    CUSTOM_ELEMENT_HANDLING: {
      tagNameCheck: /-/,
      attributeNameCheck: /^(?!on)/i,
      allowCustomizedBuiltInElements: false,
    },
    SANITIZE_DOM: false, // would drop ids such as `title`, which the browser's own sanitiser keeps
  };
  return (node) => void DOMPurify.sanitize(node, options);
}
