/** The sanitiser of browsers that have none of their own: DOMPurify. Loaded with the first snippet. */
import DOMPurify, { type Config } from "dompurify";
import { REMOVED, type Sanitiser } from "../injection/sanitiser.ts";
import { createTrust } from "../injection/trusted-html.ts";

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

/** Parses inert first, then cleans in place: DOMPurify's own parsing would drop rows and cells. */
export function create(): Sanitiser {
  const trust = createTrust();
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
