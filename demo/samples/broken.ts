/** The samples that cannot become a preview, each for a reason of its own. */

/** What Windows and Unix programs begin with, and nothing of a PDF. */
export function disguisedProgram(): Buffer {
  const program = Buffer.alloc(8192);
  program.write("MZ", 0, "latin1");
  program.writeUInt32LE(0x80, 0x3c); // where the PE header is
  program.write("PE\0\0", 0x80, "latin1");
  program.writeUInt16LE(0x8664, 0x84); // for x86-64
  return program;
}

/** The first half of a file, as a broken connection leaves it. */
export function truncated(file: Buffer): Buffer {
  return file.subarray(0, Math.floor(file.length / 2));
}

/** Bytes that are no known format. */
export function noKnownFormat(): Buffer {
  return Buffer.concat([Buffer.from("NQ-TIDEGAUGE\u0001\u0002", "latin1"), Buffer.alloc(4096, 0xa7)]);
}

/** A PDF in name and start, larger than the limit. */
export function overTheLimit(maxBytes: number): Buffer {
  return Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(maxBytes, 0x20)]);
}
