/** The sanitiser of browsers that have none of their own: DOMPurify. Loaded with the first snippet. */
import DOMPurify, { type Config } from "dompurify";
import { REMOVED, type Sanitiser } from "../injection/sanitiser.ts";
import { create as createParser } from "./plain.ts";

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
  const parser = createParser();
  return {
    parseFragment(html) {
      const content = parser.parseFragment(html);
      const holder = content.ownerDocument.createElement("div");
      holder.append(content);
      DOMPurify.sanitize(holder, CONFIG);
      content.append(...holder.childNodes);
      return content;
    },
    parseDocument(html) {
      const page = parser.parseDocument(html);
      DOMPurify.sanitize(page.body, CONFIG);
      return page;
    },
  };
}
