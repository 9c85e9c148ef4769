/** Which characters a text's bytes stand for, where nothing says so: byte order mark, then UTF-8, then Windows. */

/** How a text is encoded, by its name in the WHATWG's Encoding standard. */
export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/**
 * What is no UTF-8 is by all odds from an older Windows or Excel.
 * @param bytes the text, or its start
 */
export function guessEncoding(bytes: Uint8Array): TextEncoding {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  try {
    // A character that the start of a text cuts through is no fault.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return "utf-8";
  } catch {
    return "windows-1252";
  }
}
