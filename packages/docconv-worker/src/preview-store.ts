/** Keeps previews: a record for each document, and renditions by content, so that no file is converted twice. */
import { buffer } from "node:stream/consumers";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import type { Preview, PreviewRecord, Rendition } from "./preview.ts";

/** Records and renditions on an object store. */
export class PreviewStore {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /** Undefined for a document that the worker has not heard of. */
  async preview(uid: string): Promise<Preview | undefined> {
    const record = await this.record(uid);
    if (!record) return undefined;
    return { record, rendition: record.renditionKey ? await this.rendition(record.renditionKey) : undefined };
  }

  async record(uid: string): Promise<PreviewRecord | undefined> {
    return this.#read<PreviewRecord>(recordKey(uid));
  }

  async putRecord(record: PreviewRecord): Promise<void> {
    await this.#objects.put(recordKey(record.uid), Buffer.from(JSON.stringify(record)));
  }

  /** Drops a document's record, and its rendition if no other document has the same content. */
  async purge(uid: string): Promise<void> {
    const record = await this.record(uid);
    await this.#objects.delete(recordKey(uid));
    if (record?.renditionKey) await this.release(record.renditionKey, uid);
  }

  async *records(): AsyncGenerator<PreviewRecord> {
    for await (const key of this.#objects.list("documents/")) {
      const record = await this.#read<PreviewRecord>(key);
      if (record) yield record;
    }
  }

  async rendition(key: string): Promise<Rendition | undefined> {
    return this.#read<Rendition>(`${renditionFolder(key)}rendition.json`);
  }

  /** Write the files that it speaks of first. */
  async putRendition(rendition: Rendition): Promise<void> {
    const key = `${renditionFolder(rendition.key)}rendition.json`;
    await this.#objects.put(key, Buffer.from(JSON.stringify(rendition)));
  }

  /** Keeps a rendition for a document until it is released. */
  async reference(renditionKey: string, uid: string): Promise<void> {
    await this.#objects.put(`references/${renditionKey}/${uid}`, Buffer.alloc(0));
  }

  /** A rendition that no document refers to is deleted. */
  async release(renditionKey: string, uid: string): Promise<void> {
    const references = `references/${renditionKey}/`;
    await this.#objects.delete(`${references}${uid}`);
    for await (const _ of this.#objects.list(references)) return;
    await this.#objects.delete(renditionFolder(renditionKey));
  }

  async putImage(rendition: Rendition, page: number, scale: string, bytes: Uint8Array): Promise<void> {
    await this.#objects.put(imageKey(rendition, page, scale), bytes);
  }

  async image(rendition: Rendition, page: number, scale: string): Promise<StoredObject | undefined> {
    return this.#objects.get(imageKey(rendition, page, scale));
  }

  async putPdf(rendition: Rendition, path: string): Promise<void> {
    await this.#objects.putFile(`${renditionFolder(rendition.key)}document.pdf`, path);
  }

  async pdf(rendition: Rendition): Promise<StoredObject | undefined> {
    return this.#objects.get(`${renditionFolder(rendition.key)}document.pdf`);
  }

  async putText(rendition: Rendition, pages: readonly string[]): Promise<void> {
    await this.#objects.put(`${renditionFolder(rendition.key)}text.json`, Buffer.from(JSON.stringify(pages)));
  }

  /** A JSON list of one string a page. */
  async text(rendition: Rendition): Promise<StoredObject | undefined> {
    return this.#objects.get(`${renditionFolder(rendition.key)}text.json`);
  }

  async #read<Value>(key: string): Promise<Value | undefined> {
    const stored = await this.#objects.get(key);
    return stored && (JSON.parse((await buffer(stored.body)).toString("utf8")) as Value);
  }
}

function recordKey(uid: string): string {
  return `documents/${uid}.json`;
}

/** Spread over folders: some file systems dislike a hundred thousand in one. */
function renditionFolder(key: string): string {
  return `renditions/${key.slice(0, 2)}/${key}/`;
}

function imageKey(rendition: Rendition, page: number, scale: string): string {
  return `${renditionFolder(rendition.key)}page-${page}-${scale}.${rendition.format}`;
}
