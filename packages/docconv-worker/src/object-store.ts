/** Where previews are kept: bytes by key. */
import type { Readable } from "node:stream";

/** Stored bytes. */
export interface StoredObject {
  readonly size: number;
  /** Read it to its end or destroy it. */
  readonly body: Readable;
}

/** Keys are paths of `[A-Za-z0-9._-]` between slashes. A written object is there whole, or not at all. */
export interface ObjectStore {
  put(key: string, bytes: Uint8Array): Promise<void>;
  putFile(key: string, path: string): Promise<void>;
  get(key: string): Promise<StoredObject | undefined>;
  /** Deletes the object with this key, or for a prefix that ends in a slash every object below it. */
  delete(keyOrPrefix: string): Promise<void>;
  /** Keys that start with this, in no order. */
  list(prefix: string): AsyncIterable<string>;
}
