/** For pages that take what they are sent as it is, frames and event handlers included. No `<script>` runs all the same. */
import type { Sanitiser } from "../injection/sanitiser.ts";
import { createTrust } from "../injection/trusted-html.ts";

export function create(): Sanitiser {
  const trust = createTrust();
  return {
    parseFragment(html) {
      const template = document.createElement("template");
      template.innerHTML = trust(html);
      return template.content;
    },
    parseDocument: (html) => new DOMParser().parseFromString(trust(html), "text/html"),
  };
}
