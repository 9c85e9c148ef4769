/** Tells the page where a conversion stands: writes the record, then publishes the whole snippet. */
import { MAX_MESSAGE_BYTES, type Message, type Topic } from "push-protocol";
import { DocconvError } from "./docconv-error.ts";
import type { Preview, PreviewRecord, Rendition } from "./preview.ts";
import type { PreviewStore } from "./preview-store.ts";
import { renderSnippet, type SnippetOptions } from "./snippet.ts";

/** Whatever relays messages to browsers: the push server, its HTTP API, or Redis. */
export interface Publisher {
  publish(message: Message): Promise<void>;
}

/** What announcers share. */
export interface AnnouncerOptions extends SnippetOptions {
  readonly store: PreviewStore;
  readonly publisher: Publisher;
  /** Least time between two announcements of progress. */
  readonly progressIntervalMs: number;
}

/** What a record says beside its version and its time. */
export type PreviewFields = Omit<PreviewRecord, "version" | "updatedAt">;

/**
 * Announces one document during one run. Each message carries the whole state and a later version than any
 * before it, so that only the newest one matters to a page that was away.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #to: readonly [Topic, ...Topic[]];
  #fields: PreviewFields;
  #rendition: Rendition | undefined;
  #version: number;
  #lastAt = 0;
  #hasWritten = false;
  #timer: NodeJS.Timeout | undefined;
  /** One after the other: versions reach the log in their order. */
  #tail: Promise<void> = Promise.resolve();

  /** @param previous the record of an earlier run, whose version the next one exceeds */
  constructor(
    options: AnnouncerOptions,
    to: readonly [Topic, ...Topic[]],
    fields: PreviewFields,
    previous: PreviewRecord | undefined,
  ) {
    this.#options = options;
    this.#to = to;
    this.#fields = fields;
    this.#version = previous?.version ?? 0;
  }

  /** Announces before it returns. @throws DocconvError `purged`; what the store or the publisher throws */
  async now(fields: Partial<PreviewFields>, rendition?: Rendition): Promise<void> {
    this.#take(fields, rendition);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#enqueue();
  }

  /** Announces soon, with what is then the newest; what goes wrong is left to the next announcement. */
  soon(fields: Partial<PreviewFields>, rendition?: Rendition): void {
    this.#take(fields, rendition);
    if (this.#timer) return;
    const waitMs = Math.max(0, this.#lastAt + this.#options.progressIntervalMs - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#enqueue().catch(() => undefined);
    }, waitMs);
  }

  /** Nothing is announced any more once this has resolved. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#tail;
  }

  #take(fields: Partial<PreviewFields>, rendition: Rendition | undefined): void {
    this.#fields = { ...this.#fields, ...fields };
    if (rendition) this.#rendition = rendition;
  }

  #enqueue(): Promise<void> {
    const announcing = this.#tail.then(() => this.#announce());
    this.#tail = announcing.catch(() => undefined);
    return announcing;
  }

  async #announce(): Promise<void> {
    if (this.#hasWritten && !(await this.#options.store.record(this.#fields.uid))) {
      throw new DocconvError("purged", "The preview was dropped while it was made.");
    }
    this.#lastAt = Date.now();
    this.#version = Math.max(this.#version + 1, this.#lastAt);
    const record = { ...this.#fields, version: this.#version, updatedAt: this.#lastAt };
    await this.#options.store.putRecord(record);
    this.#hasWritten = true;
    await this.#options.publisher.publish(this.#message({ record, rendition: this.#rendition }));
  }

  #message(preview: Preview): Message {
    const { record } = preview;
    const id = `preview-${record.uid}`;
    const state = {
      to: this.#to,
      target: `#${id}::element`,
      kind: kindOf(record),
      key: `preview:${record.uid}`,
      version: record.version,
    };
    const message = { ...state, html: renderSnippet(preview, this.#options) };
    if (Buffer.byteLength(JSON.stringify(message)) <= MAX_MESSAGE_BYTES) return message;
    return { ...state, url: `${this.#options.previewsUrl}/${record.uid}/snippet`, source: `#${id}` };
  }
}

function kindOf({ state }: PreviewRecord): string {
  if (state === "failed") return "failed";
  return state === "done" || state === "partial" ? "done" : "progress";
}
