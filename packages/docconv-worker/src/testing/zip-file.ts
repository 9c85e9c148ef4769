/** For tests: zip files written by hand, so that they can lie. APPNOTE.TXT (PKWARE), sections 4.3.7 to 4.3.16. */
import { crc32, deflateRawSync } from "node:zlib";

/** A file in a zip. */
export interface ZipEntry {
  readonly name: string;
  readonly content: Uint8Array | string;
  /** How often its content is repeated; what is written is as short as if it were once. Default 1. */
  readonly times?: number;
  /** Uncompressed size that the directory states instead of the true one. */
  readonly statedBytes?: number;
}

/** Deflated. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const { packed, crc, size } = pack(entry);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // version that can read it
    fields.writeUInt16LE(8, 4); // deflate
    fields.writeUInt32LE(crc, 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(entry.statedBytes ?? size, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, name, packed]);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\0"), fields, where, name]));
    parts.push(local);
    offset += local.length;
  }
  const entriesBytes = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(entriesBytes.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, entriesBytes, Buffer.from("PK\u0005\u0006"), end]);
}

function pack({ content, times = 1 }: ZipEntry): { packed: Buffer; crc: number; size: number } {
  const bytes = Buffer.from(content);
  // A block that ends on a byte, without being the last: it can be repeated.
  const block = deflateRawSync(bytes, { finishFlush: 2, level: 9 });
  const last = deflateRawSync(Buffer.alloc(0));
  let crc = 0;
  for (let time = 0; time < times; time += 1) crc = crc32(bytes, crc);
  const blocks = Array.from({ length: times }, () => block);
  return { packed: Buffer.concat([...blocks, last]), crc, size: bytes.length * times };
}
