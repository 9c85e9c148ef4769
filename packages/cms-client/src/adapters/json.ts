/** Reading the JSON that a CMS answers: of a shape that is not ours to decide. */

/** undefined: no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The value that a JSON Pointer (RFC 6901) names; undefined if there is none. `""` names the whole document.
 */
export function atPointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split("/").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

/** @throws TypeError for what is no pointer */
export function checkPointer(pointer: string, option: string): void {
  if (!/^(?:\/(?:[^~/]|~[01])*)*$/.test(pointer)) {
    throw new TypeError(
      `${option} must be a JSON Pointer such as "/user/id", or "" for the whole answer, ` +
        `not ${JSON.stringify(pointer)}.`,
    );
  }
}
