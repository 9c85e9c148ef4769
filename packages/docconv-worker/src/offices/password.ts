/** Whether an Office file that cannot be loaded is encrypted: its owner is told so, instead of that it is damaged. */
import { readFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { CompoundFile } from "./compound-file.ts";

/** Of a zip's file; no manifest is longer. */
const MAX_INFLATED_BYTES = 5_000_000;
const FILE_PASS = 0x2f;
const MANIFEST = "META-INF/manifest.xml";

/** For ODF, DOC, XLS and PPT; encrypted OOXML is known by its container (media-type.ts). False for anything else. */
export async function needsPassword(path: string): Promise<boolean> {
  const bytes = await readFile(path);
  try {
    return isEncryptedOpenDocument(bytes) || isEncryptedBinary(bytes);
  } catch {
    return false; // it is damaged as well
  }
}

/** ODF 1.2, part 3, section 3.4: what is encrypted says how in the manifest. */
function isEncryptedOpenDocument(bytes: Buffer): boolean {
  const directoryName = bytes.lastIndexOf(MANIFEST);
  // APPNOTE.TXT, 4.3.12: the name is the 46th byte of its entry in the directory.
  const entry = directoryName - 46;
  if (entry < 0 || bytes.readUInt32LE(entry) !== 0x02_01_4b_50) return false;
  const [method, length, start] = [
    bytes.readUInt16LE(entry + 10),
    bytes.readUInt32LE(entry + 20),
    bytes.readUInt32LE(entry + 42),
  ];
  const content = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
  const packed = bytes.subarray(content, content + length);
  const manifest = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: MAX_INFLATED_BYTES });
  return manifest.includes("encryption-data");
}

function isEncryptedBinary(bytes: Buffer): boolean {
  const file = CompoundFile.read(bytes);
  if (!file) return false;
  const word = file.stream("WordDocument", 32);
  // [MS-DOC] 2.5.2, FibBase: fEncrypted.
  if (word) return (word.readUInt16LE(10) & 0x01_00) !== 0;
  const user = file.stream("Current User", 16);
  // [MS-PPT] 2.3.2, CurrentUserAtom: headerToken.
  if (user) return user.readUInt32LE(12) === 0xf3_d1_c4_df;
  return hasFilePass(file.stream("Workbook", 4096) ?? file.stream("Book", 4096));
}

/** [MS-XLS] 2.1.7.20.3: FilePass is one of the first records. */
function hasFilePass(workbook: Buffer = Buffer.alloc(0)): boolean {
  let at = 0;
  while (at + 4 <= workbook.length) {
    if (workbook.readUInt16LE(at) === FILE_PASS) return true;
    at += 4 + workbook.readUInt16LE(at + 2);
  }
  return false;
}
