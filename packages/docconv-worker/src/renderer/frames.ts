/** Frames between the worker and a renderer process: a JSON header and bytes, over a pipe. */
import type { Readable } from "node:stream";

/** A header and its bytes. */
export interface Frame<Header> {
  readonly header: Header;
  readonly body: Buffer;
}

const PREFIX_BYTES = 8;
/** Longest header; what renderers say is short. */
const MAX_HEADER_BYTES = 1_000_000;

/** The start of a frame: after it, exactly `bodyLength` bytes follow. */
export function encodeFrameHead(header: object, bodyLength: number): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(json.length, 0);
  prefix.writeUInt32BE(bodyLength, 4);
  return Buffer.concat([prefix, json]);
}

/**
 * Reads frames to the end of the stream.
 * @throws RangeError for a frame with more than `maxBodyBytes`: the other side is not to be believed
 */
export async function* readFrames<Header>(
  stream: Readable,
  maxBodyBytes: number,
): AsyncGenerator<Frame<Header>> {
  let chunks: Buffer[] = [];
  let available = 0;
  let needed = PREFIX_BYTES;
  let lengths: readonly [header: number, body: number] | undefined;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    available += chunk.length;
    while (available >= needed) {
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      const taken = bytes.subarray(0, needed);
      chunks = [bytes.subarray(needed)];
      available -= needed;
      if (lengths) {
        const header = JSON.parse(taken.subarray(0, lengths[0]).toString("utf8")) as Header;
        yield { header, body: taken.subarray(lengths[0]) };
        lengths = undefined;
        needed = PREFIX_BYTES;
      } else {
        lengths = [taken.readUInt32BE(0), taken.readUInt32BE(4)];
        if (lengths[0] > MAX_HEADER_BYTES || lengths[1] > maxBodyBytes) {
          throw new RangeError(`A frame of ${lengths[0]} + ${lengths[1]} bytes is larger than allowed.`);
        }
        needed = lengths[0] + lengths[1];
      }
    }
  }
}
