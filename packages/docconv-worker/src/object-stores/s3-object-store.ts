/** Previews in a bucket of Amazon S3, or of anything that speaks as it does: MinIO, Ceph, Garage, SeaweedFS. */
import { openAsBlob } from "node:fs";
import { Readable } from "node:stream";
import { S3mini, S3ServiceError } from "s3mini";
import { DocconvError } from "../docconv-error.ts";
import { type ByteRange, checkObjectKey, type ObjectStore, type StoredObject } from "../object-store.ts";

/** Options of {@link S3ObjectStore}. */
export interface S3Options {
  /** The bucket's URL, as `https://s3.eu-central-1.amazonaws.com/previews` or `https://previews.s3.amazonaws.com`. */
  readonly url: string;
  /** Default `auto`, which all but Amazon take. */
  readonly region?: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Begins every key, for a bucket that has other things, too. Default: nothing. */
  readonly prefix?: string | undefined;
}

/** Longest wait for an answer to begin; its body may take as long as whoever reads it. */
const TIMEOUT_MS = 30_000;
/** Objects named in one answer: S3's own limit. */
const BATCH = 1000;
const DELETES_AT_ONCE = 16;
/** Larger files go in parts. S3 takes 5 GB at once, but an upload that breaks off starts again. */
const PART_BYTES = 8 * 1024 * 1024;

/** One object for each. A PUT is atomic there, too, and read back by whoever asks next. */
export class S3ObjectStore implements ObjectStore {
  readonly #bucket: S3mini;
  readonly #prefix: string;

  constructor({ url, region = "auto", accessKeyId, secretAccessKey, prefix = "" }: S3Options) {
    this.#prefix = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    this.#bucket = new S3mini({
      endpoint: url,
      region,
      accessKeyId,
      secretAccessKey,
      fetch: answerInTime,
      minPartSize: PART_BYTES,
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const name = this.#name(key);
    await told(this.#bucket.putObject(name, bytes, undefined, undefined, undefined, bytes.length));
  }

  async putFile(key: string, path: string): Promise<void> {
    const name = this.#name(key);
    await told(this.#bucket.putAnyObject(name, await openAsBlob(path)));
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    const name = this.#name(key);
    const response = await told(range ? this.#part(name, range) : this.#bucket.getObjectResponse(name));
    if (!response?.body) return undefined;
    // Content-Range: bytes 0-9/100
    const size =
      response.headers.get("content-range")?.split("/")[1] ?? response.headers.get("content-length");
    return { size: Number(size), body: Readable.fromWeb(response.body) };
  }

  async delete(keyOrPrefix: string): Promise<void> {
    if (!keyOrPrefix.endsWith("/")) {
      await told(this.#bucket.deleteObject(this.#name(keyOrPrefix)));
      return;
    }
    checkObjectKey(keyOrPrefix.slice(0, -1));
    // One by one: not everything that speaks S3 deletes several at once.
    for await (const names of this.#pages(this.#prefix + keyOrPrefix)) {
      for (let start = 0; start < names.length; start += DELETES_AT_ONCE) {
        const some = names.slice(start, start + DELETES_AT_ONCE);
        await told(Promise.all(some.map((name) => this.#bucket.deleteObject(name))));
      }
    }
  }

  async *list(prefix: string): AsyncGenerator<string> {
    for await (const names of this.#pages(this.#prefix + prefix)) {
      for (const name of names) yield name.slice(this.#prefix.length);
    }
  }

  async *#pages(prefix: string): AsyncGenerator<readonly string[]> {
    let next: string | undefined;
    do {
      const page = await told(this.#bucket.listObjectsPaged("/", prefix, BATCH, next));
      const names = (page?.objects ?? []).map(({ Key }) => Key);
      if (names.length > 0) yield names;
      next = page?.nextContinuationToken;
    } while (next !== undefined);
  }

  async #part(name: string, { first, last }: ByteRange): Promise<Response | null> {
    const response = await this.#bucket.getObjectRaw(name, false, first, last + 1).catch(absent);
    return response ?? null;
  }

  #name(key: string): string {
    checkObjectKey(key);
    return this.#prefix + key;
  }
}

function absent(error: unknown): undefined {
  if (error instanceof S3ServiceError && error.status === 404) return undefined;
  throw error;
}

/** fetch, which gives up if nothing comes back. */
async function answerInTime(...[resource, init]: Parameters<typeof fetch>): Promise<Response> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), TIMEOUT_MS);
  try {
    return await fetch(resource, { ...init, signal: giveUp.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** @throws DocconvError what an operator can do something about; never what was sent */
async function told<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    const what = errorsOf(error)
      .map(describe)
      .find((text) => text !== undefined);
    throw new DocconvError(
      "store-away",
      `The object store ${what ?? "does not answer"}: check that it runs, s3Url, and its keys; see docconv-worker check.`,
      { retryable: true },
    );
  }
}

/** An error and what caused it. */
function errorsOf(error: unknown): readonly unknown[] {
  return error instanceof Error && error.cause !== undefined ? [error, ...errorsOf(error.cause)] : [error];
}

function describe(error: unknown): string | undefined {
  if (error instanceof S3ServiceError) return `answers ${error.status} ${error.serviceCode ?? ""}`.trimEnd();
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? `does not answer (${code})` : undefined;
}
