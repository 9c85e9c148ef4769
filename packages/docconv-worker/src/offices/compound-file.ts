/** Reads streams of a compound file, the container of old Office files: [MS-CFB]. */

const SIGNATURE = Buffer.from("d0cf11e0a1b11ae1", "hex");
const DIRECTORY_ENTRY_BYTES = 128;
/** Table entries in the header; they reach seven megabytes into the file, as far as we look. */
const TABLE_ENTRIES = 109;
const MINI_STREAM_CUTOFF = 4096;
const MINI_SECTOR_BYTES = 64;

interface Entry {
  readonly start: number;
  readonly size: number;
}

/** A file whose directory has been read. */
export class CompoundFile {
  readonly #bytes: Buffer;
  readonly #sectorBytes: number;
  readonly #next: readonly number[];
  readonly #entries: ReadonlyMap<string, Entry>;

  /** Undefined for what is no such file. @throws RangeError for one that is damaged */
  static read(bytes: Buffer): CompoundFile | undefined {
    return bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE) ? new CompoundFile(bytes) : undefined;
  }

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#sectorBytes = 1 << bytes.readUInt16LE(30);
    this.#next = this.#readTable();
    this.#entries = this.#readDirectory(bytes.readUInt32LE(48));
  }

  /** The start of a stream; undefined if there is none of this name. */
  stream(name: string, length: number): Buffer | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const wanted = Math.min(length, entry.size);
    if (entry.size >= MINI_STREAM_CUTOFF) return this.#chain(entry.start, wanted);
    // Small streams share one; from its start they are mostly in one piece, as far as we look.
    const root = this.#entries.get("Root Entry");
    const from = entry.start * MINI_SECTOR_BYTES;
    return root && this.#chain(root.start, from + wanted).subarray(from);
  }

  #readTable(): readonly number[] {
    const next: number[] = [];
    for (let index = 0; index < TABLE_ENTRIES; index += 1) {
      const sector = this.#bytes.readInt32LE(76 + index * 4);
      if (sector < 0) break;
      const table = this.#sector(sector);
      for (let at = 0; at + 4 <= table.length; at += 4) next.push(table.readInt32LE(at));
    }
    return next;
  }

  #readDirectory(start: number): ReadonlyMap<string, Entry> {
    const directory = this.#chain(start, 1000 * DIRECTORY_ENTRY_BYTES);
    const entries = new Map<string, Entry>();
    for (let at = 0; at + DIRECTORY_ENTRY_BYTES <= directory.length; at += DIRECTORY_ENTRY_BYTES) {
      const nameBytes = Math.min(64, directory.readUInt16LE(at + 64));
      const name = directory.toString("utf16le", at, at + Math.max(0, nameBytes - 2));
      entries.set(name, { start: directory.readInt32LE(at + 116), size: directory.readUInt32LE(at + 120) });
    }
    return entries;
  }

  /** The sectors from this one on, up to a length. */
  #chain(start: number, length: number): Buffer {
    const sectors: Buffer[] = [];
    for (let sector = start; sector >= 0 && sectors.length * this.#sectorBytes < length;) {
      sectors.push(this.#sector(sector));
      sector = this.#next[sector] ?? -1;
    }
    return Buffer.concat(sectors).subarray(0, length);
  }

  #sector(index: number): Buffer {
    const start = (index + 1) * this.#sectorBytes;
    return this.#bytes.subarray(start, start + this.#sectorBytes);
  }
}
