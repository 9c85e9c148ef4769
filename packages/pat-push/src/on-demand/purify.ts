/** The sanitiser of browsers that have none of their own: DOMPurify. Loaded with the first snippet. */
import DOMPurify, { type Config } from "dompurify";
import { REMOVED, type Sanitiser } from "../injection/sanitiser.ts";

const CONFIG: Config & { IN_PLACE: true } = {
  IN_PLACE: true,
  FORBID_TAGS: [...REMOVED],
  ADD_ATTR: ["target", "form", "formaction", "formmethod", "formtarget"],
  CUSTOM_ELEMENT_HANDLING: {
    tagNameCheck: /-/,
    attributeNameCheck: /^(?!on)/i,
    allowCustomizedBuiltInElements: false,
  },
  SANITIZE_DOM: false, // would drop ids such as `title`; `names.ts` drops what is harmful
};

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string },
  ): { createHTML(html: string): unknown };
}

/** Parses inert first, then cleans in place: DOMPurify's own parsing would drop rows and cells. */
export function createPurify(): Sanitiser {
  // Under `require-trusted-types-for 'script'`, parsing wants a policy: ours passes on what is cleaned right after.
  const { trustedTypes } = globalThis as unknown as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("pat-push", { createHTML: (text) => text });
  const trust = (html: string): string => (policy?.createHTML(html) ?? html) as string;
  return {
    parseFragment(html) {
      const template = document.createElement("template");
      template.innerHTML = trust(html);
      const holder = template.content.ownerDocument.createElement("div");
      holder.append(template.content);
      DOMPurify.sanitize(holder, CONFIG);
      template.content.append(...holder.childNodes);
      return template.content;
    },
    parseDocument(html) {
      const page = new DOMParser().parseFromString(trust(html), "text/html");
      DOMPurify.sanitize(page.body, CONFIG);
      return page;
    },
  };
}
