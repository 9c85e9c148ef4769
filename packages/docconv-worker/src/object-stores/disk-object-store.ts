/** Previews on a local disk, or on one that several workers mount. */
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, open, opendir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { DocconvError } from "../docconv-error.ts";
import {
  type ByteRange,
  checkObjectKey,
  isObjectKey,
  type ObjectStore,
  type StoredObject,
} from "../object-store.ts";

/** One file for each object, under a folder that belongs to the store. */
export class DiskObjectStore implements ObjectStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#write(key, (path) => writeFile(path, bytes));
  }

  async putFile(key: string, path: string): Promise<void> {
    await this.#write(key, (target) => copyFile(path, target));
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    const file = await open(this.#path(key)).catch(absent);
    if (!file) return undefined;
    const { size } = await file.stat();
    return { size, body: file.createReadStream(range && { start: range.first, end: range.last }) };
  }

  async delete(keyOrPrefix: string): Promise<void> {
    // A folder goes at once, with what a write that was cut short left in it.
    const path = this.#path(keyOrPrefix.replace(/\/$/, ""));
    await rm(path, { recursive: true, force: true }).catch(fail);
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const folder = prefix.includes("/") ? join(this.#directory, dirname(`${prefix}x`)) : this.#directory;
    const entries = await opendir(folder, { recursive: true }).catch(absent);
    if (!entries) return;
    for await (const entry of entries) {
      const key = relative(this.#directory, join(entry.parentPath, entry.name)).split(sep).join("/");
      if (entry.isFile() && isObjectKey(key) && key.startsWith(prefix)) yield key;
    }
  }

  async #write(key: string, write: (path: string) => Promise<void>): Promise<void> {
    const path = this.#path(key);
    // A leading dot is in no key: an unfinished file is never listed.
    const unfinished = join(dirname(path), `.${randomUUID()}`);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await write(unfinished);
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      fail(error as NodeJS.ErrnoException);
    }
  }

  #path(key: string): string {
    checkObjectKey(key);
    return join(this.#directory, key);
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  return fail(error);
}

/** @throws DocconvError what an operator can do something about */
function fail(cause: NodeJS.ErrnoException): never {
  if (cause.code === "ENOSPC" || cause.code === "EDQUOT") {
    throw new DocconvError("store-full", "There is no room left in dataDir: make some, or move it.", {
      cause,
      retryable: true,
    });
  }
  throw new DocconvError(
    "store-away",
    `dataDir cannot be read or written (${cause.code ?? cause.name}): see docconv-worker check.`,
    { cause, retryable: true },
  );
}
