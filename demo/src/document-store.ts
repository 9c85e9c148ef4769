/** Where documents lie: a folder for each, with the file as it came and what the site knows about it. */
import { createReadStream, createWriteStream, type ReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Document } from "./site.ts";

const FACTS = "document.json";
const FILE = "file";

/** Keeps documents in `folder/<uid>/`. What is not written to its end leaves nothing. */
export class DocumentStore {
  readonly #folder: string;
  /** Saves happen one after the other, so that the newest facts win. */
  #lastSave: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All documents that were saved to their end. */
  async load(): Promise<Document[]> {
    await mkdir(this.#folder, { recursive: true });
    const documents: Document[] = [];
    for (const uid of await readdir(this.#folder)) {
      const facts = await readFile(join(this.#folder, uid, FACTS), "utf8").catch(() => undefined);
      if (facts === undefined) await rm(join(this.#folder, uid), { recursive: true, force: true });
      else documents.push(JSON.parse(facts) as Document);
    }
    return documents;
  }

  /** Streams a file to its place and returns its size in bytes. On failure nothing of it is left. */
  async writeFile(uid: string, content: Readable): Promise<number> {
    await mkdir(join(this.#folder, uid), { recursive: true });
    const file = createWriteStream(join(this.#folder, uid, FILE));
    try {
      await pipeline(content, file);
      return file.bytesWritten;
    } catch (error) {
      await this.remove(uid);
      throw error;
    }
  }

  /** Writes what the site knows about a document, all of it or nothing: this is the commit of an upload. */
  save(document: Document): Promise<void> {
    const saved = this.#lastSave.then(() => this.#write(document));
    this.#lastSave = saved.catch(() => {}); // it fails for its own caller alone
    return saved;
  }

  async #write(document: Document): Promise<void> {
    const path = join(this.#folder, document.uid, FACTS);
    const draft = `${path}.${crypto.randomUUID()}`;
    await writeFile(draft, JSON.stringify(document));
    await rename(draft, path);
  }

  readFile(uid: string): ReadStream {
    return createReadStream(join(this.#folder, uid, FILE));
  }

  async remove(uid: string): Promise<void> {
    await rm(join(this.#folder, uid), { recursive: true, force: true });
  }
}
