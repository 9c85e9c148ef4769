/** The docconv job: fetch the document as the user, convert it, store its pages, announce each step. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CmsClient } from "cms-client";
import { objectTopic, type Topic, userTopic } from "push-protocol";
import { Announcer, type AnnouncerOptions } from "./announcer.ts";
import type { ConversionEvent, Converter, ImageFormat } from "./converter.ts";
import type { CredentialVault } from "./credential-vault.ts";
import { DocconvError } from "./docconv-error.ts";
import { DocumentError } from "./document-error.ts";
import { type DocumentFile, type FetchedFile, fetchDocumentFile } from "./document-file.ts";
import type { DocconvTask } from "./job.ts";
import type { Logger } from "./logger.ts";
import { decideMediaType } from "./media-type.ts";
import type { DocconvMetrics } from "./metrics.ts";
import { expectedPages, type Rendition } from "./preview.ts";
import type { PreviewStore } from "./preview-store.ts";
import { problemOf } from "./problem-text.ts";
import type { JobRun } from "./queue.ts";
import { describeFailure } from "./queues/failure.ts";
import type { Scales } from "./scale.ts";

/** What a conversion needs. */
export interface ConversionOptions extends AnnouncerOptions {
  readonly cms: CmsClient;
  readonly vault: CredentialVault;
  readonly store: PreviewStore;
  /** The first one that accepts a media type converts it. */
  readonly converters: readonly Converter[];
  /** Where runs keep their files; each cleans up its own. */
  readonly workDirectory: string;
  readonly scales: Scales;
  readonly format: ImageFormat;
  readonly pageLimit: number;
  readonly maxDocumentBytes: number;
  readonly convertTimeoutMs: number;
  readonly logger: Logger;
  readonly metrics: DocconvMetrics;
}

/** What a run that came to its end leaves as the job's result. */
export interface ConversionResult {
  readonly state: "done" | "partial" | "failed";
  readonly pages: number;
  readonly problem?: string;
}

/** Converts documents. A run that is repeated repeats no effect: pages are kept by content, messages by version. */
export class Conversion {
  readonly #options: ConversionOptions;

  constructor(options: ConversionOptions) {
    this.#options = options;
  }

  /** @throws what ends the job otherwise than by a result; see `describeFailure` */
  async run(run: JobRun<DocconvTask>): Promise<ConversionResult> {
    const task = run.payload;
    const { uid, url, name = "", revision } = task.document;
    const previous = await this.#options.store.record(uid);
    const announcer = new Announcer(
      this.#options,
      recipients(task),
      { uid, url, name: name || (previous?.name ?? ""), revision, state: "converting" },
      previous,
    );
    try {
      if (task.expiresAt !== undefined && task.expiresAt < Date.now()) {
        throw new DocconvError("expired", "The job did not start before it expired.");
      }
      announcer.soon({});
      return await this.#convert(run, announcer);
    } catch (error) {
      if (run.signal.aborted) throw error;
      if (error instanceof DocumentError) {
        this.#options.logger.info(
          { uid, code: error.code, reason: error.message },
          "A document has no preview",
        );
        await announcer.now({ state: "failed", problem: problemOf(error.code) });
        return { state: "failed", pages: 0, problem: error.code };
      }
      const failure = describeFailure(error);
      const fields = { uid, code: failure.code, attempt: run.attempt, error: traceOf(error) };
      this.#options.logger.warn(fields, "A conversion failed");
      if (!failure.retryable || run.lastAttempt) {
        await announcer.now({ state: "failed", problem: problemOf(failure.code) });
      }
      throw error;
    } finally {
      await announcer.stop();
    }
  }

  async #convert(run: JobRun<DocconvTask>, announcer: Announcer): Promise<ConversionResult> {
    const { cms, vault, maxDocumentBytes, workDirectory } = this.#options;
    const { user, credential, document } = run.payload;
    const { credentials } = await vault.recall(credential, user);
    const directory = await mkdtemp(join(workDirectory, "run-"));
    try {
      const { download } = document;
      const fetchOptions = { download, directory, maxBytes: maxDocumentBytes, signal: run.signal };
      const fetched = await fetchDocumentFile(cms, credentials, fetchOptions);
      return await this.#convertFile(run, announcer, fetched);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async #convertFile(
    run: JobRun<DocconvTask>,
    announcer: Announcer,
    fetched: FetchedFile,
  ): Promise<ConversionResult> {
    const { store, converters } = this.#options;
    const { document } = run.payload;
    const name = document.name ?? fetched.name;
    const mediaType = await decideMediaType(fetched, name, document.mediaType ?? fetched.statedType);
    const file: DocumentFile = { ...fetched, name, mediaType };
    const key = this.#renditionKey(file);
    const known = await store.rendition(key);
    if (known?.complete) return this.#finish(announcer, known, name);
    const converter = converters.find((each) => each.accepts(mediaType));
    if (!converter) throw new DocumentError("unsupported-format", `No converter takes ${mediaType}.`);
    const started = performance.now();
    const rendition = await this.#render(
      run,
      announcer,
      converter,
      file,
      known ?? this.#empty(key, mediaType),
    );
    this.#options.metrics.converted(converter.name, "done", (performance.now() - started) / 1000);
    return this.#finish(announcer, rendition, name);
  }

  /** Page by page into the store, then to the page; pages that were rendered before an error stay. */
  async #render(
    run: JobRun<DocconvTask>,
    announcer: Announcer,
    converter: Converter,
    file: DocumentFile,
    start: Rendition,
  ): Promise<Rendition> {
    const { scales, format, pageLimit, convertTimeoutMs, store, logger } = this.#options;
    const options = {
      scales,
      format,
      pageLimit,
      timeoutMs: convertTimeoutMs,
      has: (page: number) => start.pages.some(({ number }) => number === page),
      signal: run.signal,
    };
    let rendition = start;
    const fields = { renditionKey: start.key, name: file.name, state: "converting" } as const;
    try {
      for await (const event of converter.convert(file, options)) {
        const before = rendition.pages.length;
        rendition = await this.#store(rendition, event);
        if (event.type === "page" && before === 0) await announcer.now(fields, rendition);
        else announcer.soon(fields, rendition);
        if (event.type === "page") {
          await run.progress({ page: rendition.pages.length, of: expectedPages(rendition) });
        }
      }
    } catch (error) {
      if (!(error instanceof DocumentError) || rendition.pages.length === 0 || run.signal.aborted)
        throw error;
      logger.info({ uid: run.payload.document.uid, reason: error.message }, "A document has only some pages");
      const shown = rendition.pages.length;
      rendition = { ...rendition, failedPages: [...rendition.failedPages, shown + 1] };
    }
    rendition = { ...rendition, complete: true };
    await store.putRendition(rendition);
    return rendition;
  }

  async #store(rendition: Rendition, event: ConversionEvent): Promise<Rendition> {
    const { store } = this.#options;
    switch (event.type) {
      case "pageCount":
        return { ...rendition, pageCount: event.count };
      case "pageFailed":
        return { ...rendition, failedPages: [...rendition.failedPages, event.page] };
      case "pdf":
        await store.putPdf(rendition, event.path);
        return { ...rendition, hasPdf: true };
      default: {
        const { page: number, images, placeholder } = event;
        const entries = Object.entries(images);
        await Promise.all(
          entries.map(([scale, { bytes }]) => store.putImage(rendition, number, scale, bytes)),
        );
        const sizes = Object.fromEntries(
          entries.map(([scale, { width, height }]) => [scale, { width, height }]),
        );
        const page = { number, images: sizes, placeholder };
        const pages = [...rendition.pages, page].toSorted((a, b) => a.number - b.number);
        const next = { ...rendition, pages };
        await store.putRendition(next);
        return next;
      }
    }
  }

  async #finish(announcer: Announcer, rendition: Rendition, name: string): Promise<ConversionResult> {
    const state = rendition.failedPages.length > 0 ? "partial" : "done";
    await announcer.now({ state, name, renditionKey: rendition.key }, rendition);
    return { state, pages: rendition.pages.length };
  }

  #empty(key: string, mediaType: string): Rendition {
    const { format, pageLimit } = this.#options;
    return { key, mediaType, format, pageLimit, pages: [], failedPages: [], complete: false, hasPdf: false };
  }

  /** Content, and everything that decides what becomes of it. */
  #renditionKey({ checksum, mediaType }: DocumentFile): string {
    const { scales, format, pageLimit } = this.#options;
    const settings = createHash("sha256").update(JSON.stringify([mediaType, scales, format, pageLimit]));
    return `${checksum}-${settings.digest("hex").slice(0, 8)}`;
  }
}

function recipients(task: DocconvTask): readonly [Topic, ...Topic[]] {
  const [first, ...rest] = task.announce?.to ?? [];
  return first === undefined ? [userTopic(task.user), objectTopic(task.document.uid)] : [first, ...rest];
}

/** For the log: foreign errors can hold what they were given, so only their name and where they came from. */
function traceOf(error: unknown): string {
  if (error instanceof DocconvError) return error.message;
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 5)].join("\n");
}
