/** Where previews are kept: bytes by key. */
import type { Readable } from "node:stream";

/** Stored bytes. */
export interface StoredObject {
  /** Of the whole object, whatever part of it was asked for. */
  readonly size: number;
  /** Read it to its end or destroy it. */
  readonly body: Readable;
}

/** A part of an object: the first and the last byte, from 0, both within it. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Keys are paths of `[A-Za-z0-9._-]` between slashes. A written object is there whole, or not at all; of two that are
 * written at once one remains. Failures are DocconvErrors, `store-full` or `store-away`, and worth another try. Every
 * implementation passes object-stores/object-store-contract.test.ts.
 */
export interface ObjectStore {
  put(key: string, bytes: Uint8Array): Promise<void>;
  putFile(key: string, path: string): Promise<void>;
  get(key: string, range?: ByteRange): Promise<StoredObject | undefined>;
  /** Deletes the object with this key, or for a prefix that ends in a slash every object below it. */
  delete(keyOrPrefix: string): Promise<void>;
  /** Keys that start with this, in no order. */
  list(prefix: string): AsyncIterable<string>;
}

const KEY = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;

/** Whether this can be an object's key. */
export function isObjectKey(text: string): boolean {
  return KEY.test(text);
}

/** @throws TypeError for what would leave the store's folder, or is hidden in it */
export function checkObjectKey(key: string): void {
  if (!isObjectKey(key)) throw new TypeError(`${JSON.stringify(key)} is no key of a preview store.`);
}
