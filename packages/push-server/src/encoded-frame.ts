/** A frame on its way out: encoded once, in each transport's form when the first connection needs it. */
import { encodeMessageFrame, type ServerFrame, type Topic } from "push-protocol";
import type { LogEntry } from "./log-entry.ts";

export class EncodedFrame {
  /** JSON: what SockJS's HTTP transports take. */
  readonly text: string;
  #raw: Buffer | undefined;
  #sockJs: Buffer | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** A whole WebSocket frame whose payload is the JSON. */
  get raw(): Buffer {
    return (this.#raw ??= encodeWebSocketText(this.text));
  }

  /** A whole WebSocket frame whose payload is SockJS's array frame around the JSON. */
  get sockJs(): Buffer {
    return (this.#sockJs ??= encodeWebSocketText(`a[${JSON.stringify(this.text)}]`));
  }
}

export function encodeFrame(frame: ServerFrame): EncodedFrame {
  return new EncodedFrame(JSON.stringify(frame));
}

/** One for all connections that hold the same ones of the entry's topics. */
export function encodeEntry(entry: LogEntry, topics: readonly Topic[]): EncodedFrame {
  return new EncodedFrame(encodeMessageFrame(entry.cursor, topics, entry.body));
}

/** An unmasked, unfragmented text frame of a server (RFC 6455, section 5.2). */
export function encodeWebSocketText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = 0x81; // final fragment, text
  if (headerLength === 2) frame[1] = length;
  else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerLength);
  return frame;
}
