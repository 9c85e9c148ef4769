/** How large the files in a zip say they are: a bomb is known before anybody unpacks it. */
import { open } from "node:fs/promises";

// APPNOTE.TXT (PKWARE), sections 4.3.12 and 4.3.16.
const END_OF_DIRECTORY = 0x06_05_4b_50;
const DIRECTORY_ENTRY = 0x02_01_4b_50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const ENTRY_BYTES = 46;
/** A larger directory than any Office file has. */
const MAX_DIRECTORY_BYTES = 20_000_000;

/**
 * The sum of the sizes that the zip's directory states; undefined for what is no whole zip. Directories can lie:
 * the limits of the process that unpacks it hold all the same.
 */
export async function statedUnzippedBytes(path: string): Promise<number | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (start: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    };
    const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
    const tail = await read(size - tailBytes, tailBytes);
    const end = lastIndexOf(tail, END_OF_DIRECTORY);
    if (end < 0 || end + END_BYTES > tail.length) return undefined;
    const [length, start] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
    if (length > MAX_DIRECTORY_BYTES || start + length > size) return undefined;
    return sumOfSizes(await read(start, length));
  } finally {
    await file.close();
  }
}

function sumOfSizes(directory: Buffer): number {
  let sum = 0;
  let at = 0;
  while (at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY) {
    sum += directory.readUInt32LE(at + 24);
    const variable = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset));
    at += ENTRY_BYTES + variable.reduce((total, bytes) => total + bytes, 0);
  }
  return sum;
}

function lastIndexOf(bytes: Buffer, signature: number): number {
  const needle = Buffer.alloc(4);
  needle.writeUInt32LE(signature);
  return bytes.lastIndexOf(needle);
}
