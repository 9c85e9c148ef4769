/** Keeps previews: a record for each document, and renditions by content, so that no file is converted twice. */
import { buffer } from "node:stream/consumers";
import { type Logger, silentLogger } from "./logger.ts";
import type { ByteRange, ObjectStore, StoredObject } from "./object-store.ts";
import type { Preview, PreviewRecord, Rendition, RenditionPage } from "./preview.ts";

/** What is written of a page as soon as it is there. */
interface PagePart {
  readonly rendition: Rendition;
  readonly page: RenditionPage;
}

/**
 * Records and renditions on an object store. Two workers that convert the same content at once write the same pages
 * under the same keys, and neither changes what the other has written.
 */
export class PreviewStore {
  readonly #objects: ObjectStore;
  readonly #logger: Logger;

  constructor(objects: ObjectStore, logger: Logger = silentLogger) {
    this.#objects = objects;
    this.#logger = logger;
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
    await this.#objects.delete(writtenBackKey(uid));
    if (record?.renditionKey) await this.release(record.renditionKey, uid);
  }

  /** The whole of it, or what is there of one that is being made; undefined if that is nothing. */
  async rendition(key: string): Promise<Rendition | undefined> {
    const whole = `${renditionFolder(key)}rendition.json`;
    return (
      (await this.#read<Rendition>(whole)) ??
      (await this.#unfinished(key)) ??
      // It may have been finished between the two.
      (await this.#read<Rendition>(whole))
    );
  }

  /** Says that a page is there; write its images first. */
  async putPage(rendition: Rendition, page: RenditionPage): Promise<void> {
    const part: PagePart = { rendition: { ...rendition, pages: [] }, page };
    await this.#objects.put(
      `${partsFolder(rendition.key)}${page.number}.json`,
      Buffer.from(JSON.stringify(part)),
    );
  }

  /** Says that nothing more will come; write the files that it speaks of first. */
  async putRendition(rendition: Rendition): Promise<void> {
    const key = `${renditionFolder(rendition.key)}rendition.json`;
    await this.#objects.put(key, Buffer.from(JSON.stringify(rendition)));
    await this.#objects.delete(partsFolder(rendition.key));
  }

  /** Keeps a rendition until it is released. @param holder a document, or the run of a job */
  async reference(renditionKey: string, holder: string): Promise<void> {
    await this.#objects.put(`references/${renditionKey}/${holder}`, Buffer.alloc(0));
  }

  /** A rendition that nobody holds any more is deleted. */
  async release(renditionKey: string, holder: string): Promise<void> {
    const references = `references/${renditionKey}/`;
    await this.#objects.delete(`${references}${holder}`);
    for await (const _ of this.#objects.list(references)) return;
    await this.#objects.delete(renditionFolder(renditionKey));
  }

  /** The rendition whose first page was last written into the document's object in the CMS. */
  async writtenBack(uid: string): Promise<string | undefined> {
    return this.#read<string>(writtenBackKey(uid));
  }

  async putWrittenBack(uid: string, renditionKey: string): Promise<void> {
    await this.#objects.put(writtenBackKey(uid), Buffer.from(JSON.stringify(renditionKey)));
  }

  async putImage(rendition: Rendition, page: number, scale: string, bytes: Uint8Array): Promise<void> {
    await this.#objects.put(imageKey(rendition, page, scale), bytes);
  }

  async image(
    rendition: Rendition,
    page: number,
    scale: string,
    range?: ByteRange,
  ): Promise<StoredObject | undefined> {
    return this.#objects.get(imageKey(rendition, page, scale), range);
  }

  async putPdf(rendition: Rendition, path: string): Promise<void> {
    await this.#objects.putFile(`${renditionFolder(rendition.key)}document.pdf`, path);
  }

  async pdf(rendition: Rendition, range?: ByteRange): Promise<StoredObject | undefined> {
    return this.#objects.get(`${renditionFolder(rendition.key)}document.pdf`, range);
  }

  async putText(rendition: Rendition, pages: readonly string[]): Promise<void> {
    await this.#objects.put(`${renditionFolder(rendition.key)}text.json`, Buffer.from(JSON.stringify(pages)));
  }

  /** One string a page. */
  async text(rendition: Rendition): Promise<readonly string[] | undefined> {
    return this.#read<readonly string[]>(`${renditionFolder(rendition.key)}text.json`);
  }

  async #unfinished(key: string): Promise<Rendition | undefined> {
    const names: string[] = [];
    for await (const name of this.#objects.list(partsFolder(key))) names.push(name);
    const parts = (await Promise.all(names.map((name) => this.#read<PagePart>(name)))).filter(
      (part) => part !== undefined,
    );
    const newest = parts.reduce<PagePart | undefined>((a, b) => (a && isLater(a, b) ? a : b), undefined);
    if (!newest) return undefined;
    const pages = parts.map(({ page }) => page).toSorted((a, b) => a.number - b.number);
    return { ...newest.rendition, pages };
  }

  /** What cannot be read, after a disk failed, counts as missing: the next conversion writes it anew. */
  async #read<Value>(key: string): Promise<Value | undefined> {
    const stored = await this.#objects.get(key);
    if (!stored) return undefined;
    try {
      return JSON.parse((await buffer(stored.body)).toString("utf8")) as Value;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#logger.warn({ key }, "A file of the preview store is damaged, and counts as missing");
      return undefined;
    }
  }
}

/** Of what is known of a rendition while it is made, more is later. */
function isLater(a: PagePart, b: PagePart): boolean {
  return a.page.number > b.page.number;
}

function writtenBackKey(uid: string): string {
  return `written-back/${uid}.json`;
}

function recordKey(uid: string): string {
  return `documents/${uid}.json`;
}

/** Spread over folders: some file systems dislike a hundred thousand in one. */
function renditionFolder(key: string): string {
  return `renditions/${key.slice(0, 2)}/${key}/`;
}

function partsFolder(key: string): string {
  return `${renditionFolder(key)}parts/`;
}

function imageKey(rendition: Rendition, page: number, scale: string): string {
  return `${renditionFolder(rendition.key)}page-${page}-${scale}.${rendition.format}`;
}
