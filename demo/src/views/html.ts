/** Templates: HTML as tagged template literals in which every value is escaped, unless it is HTML already. */

/** A piece of HTML that is safe to put into a page. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What a template may contain. Nothing is written for `undefined` and `false`. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

/** Escapes every value for text and for quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(write)));
}

/** As `html`, for what readers see as text, too: a formatter leaves it as it is written. */
export function markup(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return html(strings, ...values);
}

/** HTML that another part of the system has rendered and escaped. */
export function trusted(text: string): Html {
  return new Html(text);
}

function write(value: HtmlValue): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map(write).join("");
  return String(value).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
