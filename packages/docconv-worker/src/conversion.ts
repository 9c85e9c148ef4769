/** The docconv job: fetch the document as the user, convert it, store its pages, announce each step. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CmsClient } from "cms-client";
import { objectTopic, type Topic, userTopic } from "push-protocol";
import { Announcer, type AnnouncerOptions } from "./announcer.ts";
import type { Converter, ImageFormat } from "./converter.ts";
import type { CredentialVault } from "./credential-vault.ts";
import { DocconvError } from "./docconv-error.ts";
import { DocumentError } from "./document-error.ts";
import { type DocumentFile, type FetchedFile, fetchDocumentFile } from "./document-file.ts";
import type { DocconvTask } from "./job.ts";
import type { Logger } from "./logger.ts";
import { decideMediaType } from "./media-type.ts";
import type { DocconvMetrics } from "./metrics.ts";
import { expectedPages, type PreviewRecord, type Rendition } from "./preview.ts";
import type { PreviewStore } from "./preview-store.ts";
import { problemOf } from "./problem-text.ts";
import { type JobRun, RunAborted } from "./queue.ts";
import { RenditionBuilder } from "./rendition-builder.ts";
import { RenditionHold } from "./rendition-hold.ts";
import { describeFailure, traceOf } from "./queues/failure.ts";
import type { Scales } from "./scale.ts";
import type { WriteBack } from "./write-back.ts";

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
  /** For jobs that name none. Part of what a rendition is known by. */
  readonly ocrLanguages: readonly string[];
  readonly maxDocumentBytes: number;
  readonly convertTimeoutMs: number;
  readonly writeBack: WriteBack;
  readonly logger: Logger;
  readonly metrics: DocconvMetrics;
}

/** What a run that came to its end leaves as the job's result. */
export interface ConversionResult {
  readonly state: "done" | "partial" | "failed" | "purged";
  readonly pages: number;
  readonly problem?: string;
}

interface Converted {
  readonly rendition: Rendition;
  readonly name: string;
}

const PDF = "application/pdf";

/** Converts documents. A run that is repeated repeats no effect: pages are kept by content, messages by version. */
export class Conversion {
  readonly #options: ConversionOptions;

  constructor(options: ConversionOptions) {
    this.#options = options;
  }

  /** @throws what ends the job otherwise than by a result; see `describeFailure` */
  async run(run: JobRun<DocconvTask>): Promise<ConversionResult> {
    const { store } = this.#options;
    const task = run.payload;
    const { name = "", ...document } = task.document;
    const { uid } = document;
    const previous = await store.record(uid);
    const stale = [previous?.staleKey, previous?.renditionKey].filter((key) => key !== undefined);
    const announcer = new Announcer(
      this.#options,
      recipients(task),
      {
        ...document,
        name: name || (previous?.name ?? ""),
        ocrLanguages: task.ocrLanguages,
        state: "converting",
        staleKey: stale[0],
      },
      previous,
    );
    const hold = new RenditionHold(store, uid, run.id);
    try {
      if (task.expiresAt !== undefined && task.expiresAt < Date.now()) {
        throw new DocconvError("expired", "The job did not start before it expired.");
      }
      const unmodified = await this.#unmodified(task, previous);
      // Pages that are shown stay until it is known that there will be others.
      if (!unmodified && (task.force || !isShown(previous))) announcer.soon({});
      const { rendition, name: foundName } = unmodified ?? (await this.#convert(run, announcer, hold));
      const state = rendition.failedPages.length > 0 ? "partial" : "done";
      const { key: renditionKey } = rendition;
      await announcer.now({ state, name: foundName, renditionKey, staleKey: undefined }, rendition);
      await hold.end(true, unmodified ? [] : stale);
      await this.#options.writeBack.schedule(task, renditionKey);
      return { state, pages: rendition.pages.length };
    } catch (error) {
      return await this.#fail(error, run, announcer, hold, stale);
    } finally {
      await announcer.stop();
    }
  }

  /** What there is of the revision that the job names, made as it would be made now; it is not even fetched. */
  async #unmodified(task: DocconvTask, previous: PreviewRecord | undefined): Promise<Converted | undefined> {
    const { document, force = false } = task;
    const { revision, name = previous?.name ?? "" } = document;
    const key = previous?.renditionKey;
    const isSame = isShown(previous) && revision !== undefined && revision === previous.revision;
    if (force || !isSame || key === undefined) return undefined;
    const rendition = await this.#options.store.rendition(key);
    const [checksum = ""] = key.split("-");
    const isAsNow =
      rendition && this.#renditionKey({ checksum, mediaType: rendition.mediaType }, task) === key;
    return isAsNow && rendition.complete ? { rendition, name } : undefined;
  }

  /** @throws the error again, unless the document is at fault: then the job is done, and its owner told why */
  async #fail(
    error: unknown,
    run: JobRun<DocconvTask>,
    announcer: Announcer,
    hold: RenditionHold,
    stale: readonly string[],
  ): Promise<ConversionResult> {
    const { logger } = this.#options;
    const { uid } = run.payload.document;
    const isCancelled =
      run.signal.reason instanceof RunAborted && run.signal.reason.abortCause === "cancelled";
    if (run.signal.aborted && !isCancelled) throw error;
    const failure = describeFailure(error);
    const code = isCancelled ? "cancelled" : failure.code;
    if (code === "purged") {
      logger.info({ uid }, "A preview was dropped while it was made");
      await hold.end(false, stale);
      return { state: "purged", pages: 0 };
    }
    const isFinal = isCancelled || !failure.retryable || run.lastAttempt;
    const fields = { uid, code, attempt: run.attempt, isFinal, error: traceOf(error) };
    if (error instanceof DocumentError || isCancelled) logger.info(fields, "A document has no preview");
    else logger.warn(fields, "A conversion failed");
    if (isFinal) {
      await announcer.now({
        state: "failed",
        problem: problemOf(code),
        renditionKey: undefined,
        staleKey: undefined,
      });
      await hold.end(false, stale);
    }
    if (error instanceof DocumentError) return { state: "failed", pages: 0, problem: code };
    throw error;
  }

  async #convert(run: JobRun<DocconvTask>, announcer: Announcer, hold: RenditionHold): Promise<Converted> {
    const { cms, vault, maxDocumentBytes, workDirectory } = this.#options;
    const { user, credential, document } = run.payload;
    const { credentials } = await vault.recall(credential, user);
    const directory = await mkdtemp(join(workDirectory, "run-"));
    try {
      const { download } = document;
      const fetchOptions = { download, directory, maxBytes: maxDocumentBytes, signal: run.signal };
      const fetched = await fetchDocumentFile(cms, credentials, fetchOptions);
      return await this.#convertFile(run, announcer, hold, fetched);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async #convertFile(
    run: JobRun<DocconvTask>,
    announcer: Announcer,
    hold: RenditionHold,
    fetched: FetchedFile,
  ): Promise<Converted> {
    const { store, converters, metrics } = this.#options;
    const { document, force = false } = run.payload;
    const name = document.name ?? fetched.name;
    const mediaType = await decideMediaType(fetched, name, document.mediaType ?? fetched.statedType);
    const file: DocumentFile = { ...fetched, name, mediaType };
    const key = this.#renditionKey(file, run.payload);
    await hold.take(key);
    const known = force ? undefined : await store.rendition(key);
    if (known?.complete) return { rendition: known, name };
    const converter = converters.find((each) => each.accepts(mediaType));
    if (!converter) throw new DocumentError("unsupported-format", `No converter takes ${mediaType}.`);
    const builder = new RenditionBuilder(store, known ?? this.#empty(key, mediaType));
    const started = performance.now();
    let outcome = "aborted";
    try {
      await this.#render(run, announcer, converter, file, builder);
      outcome = builder.rendition.failedPages.length > 0 ? "partial" : "done";
    } catch (error) {
      if (!run.signal.aborted) outcome = describeFailure(error).code;
      throw error;
    } finally {
      metrics.converted(converter.name, outcome, (performance.now() - started) / 1000);
    }
    return { rendition: builder.rendition, name };
  }

  /** Page by page into the store, then to the page; pages that were rendered before an error stay. */
  async #render(
    run: JobRun<DocconvTask>,
    announcer: Announcer,
    converter: Converter,
    file: DocumentFile,
    builder: RenditionBuilder,
  ): Promise<void> {
    const { scales, format, pageLimit, convertTimeoutMs: timeoutMs, logger, metrics } = this.#options;
    const { signal } = run;
    const has = (page: number): boolean => builder.has(page);
    const fields = { renditionKey: builder.rendition.key, name: file.name } as const;
    const started = performance.now();
    let isCutShort = false;
    announcer.soon(fields, builder.rendition);
    try {
      for await (const event of converter.convert(file, {
        scales,
        format,
        pageLimit,
        timeoutMs,
        ocrLanguages: this.#ocrLanguages(run.payload),
        has,
        signal,
      })) {
        const isFirst = event.type === "page" && builder.rendition.pages.length === 0;
        await builder.apply(event);
        const { rendition } = builder;
        if (isFirst) metrics.firstPage(converter.name, (performance.now() - started) / 1000);
        if (isFirst) {
          await announcer.now(fields, rendition);
          // Starting programs for the next pages takes tens of milliseconds: what was announced leaves before that.
          await nextTurn();
        } else {
          announcer.soon(fields, rendition);
        }
        if (event.type === "page") {
          await run.progress({ page: rendition.pages.length, of: expectedPages(rendition) });
        }
      }
      // So that there is a PDF of every document that has pages.
      if (file.mediaType === PDF) await builder.apply({ type: "pdf", path: file.path });
    } catch (error) {
      const hasPages = builder.rendition.pages.length > 0;
      if (!(error instanceof DocumentError) || !hasPages || signal.aborted) throw error;
      logger.info({ uid: run.payload.document.uid, reason: error.message }, "A document has only some pages");
      isCutShort = true;
    }
    await builder.complete(isCutShort);
  }

  #empty(key: string, mediaType: string): Rendition {
    const { format, pageLimit } = this.#options;
    return {
      key,
      mediaType,
      format,
      pageLimit,
      pages: [],
      failedPages: [],
      complete: false,
      hasPdf: false,
      hasText: false,
    };
  }

  #ocrLanguages({ ocrLanguages = this.#options.ocrLanguages }: DocconvTask): readonly string[] {
    return ocrLanguages;
  }

  /** Content, and everything that decides what becomes of it. */
  #renditionKey(
    { checksum, mediaType }: Pick<DocumentFile, "checksum" | "mediaType">,
    task: DocconvTask,
  ): string {
    const { scales, format, pageLimit } = this.#options;
    const decisive = [mediaType, scales, format, pageLimit, ...this.#ocrLanguages(task)];
    const settings = createHash("sha256").update(JSON.stringify(decisive));
    return `${checksum}-${settings.digest("hex").slice(0, 8)}`;
  }
}

function isShown(record: PreviewRecord | undefined): record is PreviewRecord {
  return record?.state === "done" || record?.state === "partial";
}

function recipients(task: DocconvTask): readonly [Topic, ...Topic[]] {
  const [first, ...rest] = task.announce?.to ?? [];
  return first === undefined ? [userTopic(task.user), objectTopic(task.document.uid)] : [first, ...rest];
}
