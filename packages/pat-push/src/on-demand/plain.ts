/** For pages that take what they are sent as it is, frames and event handlers included. No `<script>` runs all the same. */

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string },
  ): { createHTML(html: string): unknown };
}

/** Parses at once; the nodes stay inert. */
export interface PlainParser {
  parseFragment(html: string): DocumentFragment;
  parseDocument(html: string): Document;
}

export function create(): PlainParser {
  // Under `require-trusted-types-for 'script'`, parsing wants a policy: ours passes on what stays inert.
  const { trustedTypes } = globalThis as unknown as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("pat-push", { createHTML: (text) => text });
  const trust = (html: string): string => (policy?.createHTML(html) ?? html) as string;
  return {
    parseFragment(html) {
      const template = document.createElement("template");
      template.innerHTML = trust(html);
      return template.content;
    },
    parseDocument: (html) => new DOMParser().parseFromString(trust(html), "text/html"),
  };
}
