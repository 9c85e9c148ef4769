/** The last thing before a log line is written: takes out what must not stand there, whoever put it in. */

export interface ScrubberOptions {
  /** The login cookies. */
  readonly cookieNames: readonly string[];
  /** Paths under which URLs have SockJS sessions in them. Default: none. */
  readonly sessionPrefixes?: readonly string[];
  /** Configured secrets, wherever they turn up. */
  readonly secrets: readonly string[];
}

/** Fields that are never shown, whatever they hold. */
const HIDDEN_FIELD =
  /cookie|authoriz|authenticator|password|secret|ticket|credential|html|snippet|^headers$|^body$/i;
/** A tag of those that snippets are made of, or any with an attribute, and all that follows; not `user:<id>`. */
const HTML =
  /<\/?(?:a|article|b|button|div|em|figure|form|h[1-6]|i|img|input|li|main|ol|p|picture|section|span|strong|table|td|tr|ul)\b[^]*|<[a-z][\w-]*\s+[\w-]+\s*=[^]*/gi;
const MAX_DEPTH = 3;
const MAX_TEXT_LENGTH = 4000;

export class Scrubber {
  readonly #patterns: readonly (readonly [pattern: RegExp, instead: string])[];

  constructor({ cookieNames, sessionPrefixes = [], secrets }: ScrubberOptions) {
    this.#patterns = [
      [any(secrets), "[secret]"],
      // Wherever a cookie's name stands before its value: in a header, a URL's query, JSON.
      [new RegExp(`(${any(cookieNames).source})(["']?\\s*[=:]\\s*["']?)[^\\s;,&"'}]+`, "g"), "$1$2[cookie]"],
      [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, "$1 [secret]"],
      [/(:\/\/[^/?#@\s]*?:)[^/?#\s]*@/g, "$1***@"],
      [new RegExp(`(${any(sessionPrefixes).source})/[^/\\s?"']+/[^/\\s?"']+(/\\w)`, "g"), "$1/[session]$2"],
      [HTML, "[html]"],
    ];
  }

  /** A copy that can be logged. */
  fields(fields: object): Record<string, unknown> {
    return this.#object(fields, MAX_DEPTH);
  }

  text(text: string): string {
    let clean = text;
    for (const [pattern, instead] of this.#patterns) clean = clean.replace(pattern, instead);
    return clean.length > MAX_TEXT_LENGTH ? `${clean.slice(0, MAX_TEXT_LENGTH)}…` : clean;
  }

  #object(object: object, depth: number): Record<string, unknown> {
    const shown = object instanceof Error ? errorMembers(object) : Object.entries(object);
    return Object.fromEntries(
      shown.map(([name, value]) => [
        name,
        HIDDEN_FIELD.test(name) && typeof value !== "number" ? "[hidden]" : this.#value(value, depth),
      ]),
    );
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function")
      return String(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth === 0) return "[deeper]";
    if (Array.isArray(value)) return value.map((member) => this.#value(member, depth - 1));
    if (value instanceof Date) return value;
    if (value instanceof URL) return this.text(value.href);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    return this.#object(value, depth - 1);
  }
}

/** What an error says without being asked: these are not enumerable. */
function errorMembers(error: Error): readonly (readonly [string, unknown])[] {
  const own = Object.entries(error).filter(([name]) => name === "code");
  const stack = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  return [
    ["type", error.name],
    ["message", error.message],
    ...own,
    ["stack", stack?.join("\n")],
    ...(error.cause === undefined ? [] : [["cause", error.cause] as const]),
  ];
}

/** Any of these texts, literally; of no texts nothing. */
function any(texts: readonly string[]): RegExp {
  const literal = texts
    .filter((text) => text !== "")
    .map((text) => text.replaceAll(/[\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(literal.length > 0 ? `(?:${literal.join("|")})` : "(?!)", "g");
}
