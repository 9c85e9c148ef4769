/** The file name in a Content-Disposition header: RFC 6266, with the extended notation of RFC 8187. */

/**
 * The name, without any path; undefined if the header gives none.
 * Where both notations are there, `filename*` counts (RFC 6266, section 4.3).
 */
export function dispositionFileName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const parameters = new Map<string, string>();
  const parameter = /;\s*([\w!#$&+\-^`|~.*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g;
  for (const [, name = "", quoted, token] of header.matchAll(parameter)) {
    const value = quoted === undefined ? (token ?? "").trim() : quoted.replaceAll(/\\(.)/g, "$1");
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return (
    baseName(decodeExtended(parameters.get("filename*"))) ?? baseName(fromHeader(parameters.get("filename")))
  );
}

/** The last segment of a name that may be a path of any system; undefined if nothing is left of it. */
export function baseName(name: string | undefined): string | undefined {
  const last = name
    ?.split(/[/\\]/)
    .at(-1)
    ?.replaceAll(/\p{Cc}/gu, "")
    .trim();
  return last === undefined || last === "" || last === "." || last === ".." ? undefined : last;
}

/** `charset'language'percent-encoded`; RFC 8187, section 3.2. */
function decodeExtended(value: string | undefined): string | undefined {
  const [, charset, encoded] = /^([^']*)'[^']*'(.*)$/.exec(value ?? "") ?? [];
  if (charset === undefined || encoded === undefined) return undefined;
  if (/^utf-8$/i.test(charset)) return decodePercent(encoded);
  if (!/^iso-8859-1$/i.test(charset)) return undefined;
  return encoded.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

function decodePercent(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Many servers write UTF-8 straight into the header, whose bytes Node reads as Latin-1. */
function fromHeader(value: string | undefined): string | undefined {
  if (value === undefined || !/[\x80-\xff]/.test(value)) return value;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "latin1"));
  } catch {
    return value;
  }
}
