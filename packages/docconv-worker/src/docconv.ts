/** The composition root: puts intake, queue, worker, preview store and previews API together. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { type CmsClient, DEFAULT_COOKIE_NAMES } from "cms-client";
import type { Publisher } from "./announcer.ts";
import { openBackends } from "./backends.ts";
import { Callback } from "./callback.ts";
import { Conversion } from "./conversion.ts";
import type { ImageFormat } from "./converter.ts";
import { createConverters } from "./create-converters.ts";
import { CredentialVault } from "./credential-vault.ts";
import { DocconvError } from "./docconv-error.ts";
import { type Attempts, Intake } from "./intake.ts";
import type { Job, Task } from "./job.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { type DocconvMetrics, noMetrics } from "./metrics.ts";
import type { ObjectStore } from "./object-store.ts";
import { DiskObjectStore } from "./object-stores/disk-object-store.ts";
import { type S3Options, S3ObjectStore } from "./object-stores/s3-object-store.ts";
import { PreviewStore } from "./preview-store.ts";
import { Previews } from "./previews.ts";
import { PreviewsApi } from "./previews-api.ts";
import type { Consumer, Queue } from "./queue.ts";
import { type Regeneration, Regenerator } from "./regeneration.ts";
import { DEFAULT_SCALES, type Scales } from "./scale.ts";
import { createSeal } from "./seal.ts";
import type { SnippetOptions } from "./snippet.ts";
import { type Sweep, type SweepDecision, Sweeper } from "./sweep.ts";
import { TaskHandler } from "./task-handler.ts";
import { openWorkDirectory } from "./work-directory.ts";
import { WriteBack, type WriteBackTarget } from "./write-back.ts";

/** Options of {@link createDocconv}. */
export interface DocconvOptions {
  readonly cms: CmsClient;
  /** Where messages go. Needed unless `run` is `api`. */
  readonly publisher?: Publisher;
  /** Previews and files at work. Several processes need one that they share, or `s3`. */
  readonly dataDir: string;
  /** Files at work, some 50 MB for each document that is being converted: a local disk. Default: in `dataDir`. */
  readonly workDir?: string;
  /** Keeps previews in a bucket instead. Default: in `dataDir`. */
  readonly s3?: S3Options;
  /** Shared with the CMS: signs what is posted to the intake. */
  readonly jobsSecret: string;
  /** With it the queue is BullMQ, for any number of processes; without it all is in this one. */
  readonly redisUrl?: string;
  /** Of every Redis key. Default `docconv:`. */
  readonly redisPrefix?: string;
  /** With Redis: how long a worker that died keeps its jobs to itself, in milliseconds. Default 10,000. */
  readonly lockMs?: number;
  /**
   * Seals credentials, at least 32 characters; a list to rotate: the first seals, all open. Needed with `redisUrl`;
   * without it, a new one for each process.
   */
  readonly credentialKey?: string | readonly [string, ...string[]];
  /** How long credentials are kept for a job that waits, in milliseconds. Default 2 h, the life of a ticket. */
  readonly credentialTtlMs?: number;
  /** Default: cms-client's. */
  readonly cookieNames?: readonly string[];
  /** `all` (default), `api` (intake and previews, no worker), or `worker` (no HTTP). */
  readonly run?: "all" | "api" | "worker";
  /** Jobs that run at once. Default 2. */
  readonly concurrency?: number;
  /** LibreOffice processes that are kept warm. Default: as many as `concurrency`. */
  readonly officeProcesses?: number;
  /** Width in pixels by name. Default small 180, normal 700, large 1000. */
  readonly scales?: Scales;
  /** The scale that snippets show. Default `normal`, else the second smallest. */
  readonly snippetScale?: string;
  /** Default `webp`. */
  readonly format?: ImageFormat;
  /** Most pages of a document that are rendered. Default 20. */
  readonly pageLimit?: number;
  /** Default 100 MB (100,000,000). */
  readonly maxDocumentBytes?: number;
  /** Longest conversion, in milliseconds. Default 120,000. */
  readonly convertTimeoutMs?: number;
  /** Least time between two announcements of a document's progress, in milliseconds. Default 250. */
  readonly progressIntervalMs?: number;
  /** Writes page 1 back into the document's object in Plone. Default: not. */
  readonly writeBack?: WriteBackTarget | undefined;
  /** Where browsers find the previews API. Default `/previews`. */
  readonly previewsUrl?: string;
  /** URLs of the CMS that callback jobs may call, with the user's cookie. Default: none, and no callbacks. */
  readonly callbackBases?: readonly string[];
  /** Longest callback, in milliseconds. Default 60,000. */
  readonly callbackTimeoutMs?: number;
  /** Default: 4 runs, 30 s apart. */
  readonly callbackAttempts?: Attempts;
  /** Default: 9 runs, the second after 15 s, each further one after twice the wait of the one before it. */
  readonly writeBackAttempts?: Attempts;
  /** What tesseract reads scans in, by its own names such as `eng`. Default: they are not read. */
  readonly ocrLanguages?: readonly string[];
  /** Lets converters run without bubblewrap although the process is root's. Default false. */
  readonly allowUnsandboxed?: boolean;
  /** soffice's path. Default: /usr/bin/soffice if it is there. */
  readonly soffice?: string;
  readonly logger?: Logger;
  readonly metrics?: DocconvMetrics;
}

/** A running intake, worker and previews API, or what of it `run` says. */
export interface Docconv {
  /** Answers `/jobs` and `/previews`. False: not mine, go on. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** The intake for programs in this process. */
  enqueue(job: Job): Promise<{ readonly id: string }>;
  /** Enqueues what needs converting of the documents that are named. */
  sweep(request: Sweep): Promise<readonly SweepDecision[]>;
  /** Converts a known document again, even if its content is the same. */
  regenerate(uid: string, by: Regeneration): Promise<{ readonly id: string }>;
  readonly previews: Previews;
  readonly queue: Queue<Task>;
  /** Takes no more jobs, gives running ones `deadlineMs` (default 0), then puts them back. */
  close(deadlineMs?: number): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** The CMS can be away for a minute, and a document not there yet just after the commit: 1, 2, 4, 8, 16, 32 s. */
const DOCCONV_ATTEMPTS = { attempts: 7, backoffMs: 1000, backoffDoubles: true };
/** Plone Intranet's: three more times, half a minute apart. */
const CALLBACK_ATTEMPTS = { attempts: 4, backoffMs: 30_000, backoffDoubles: false };
/** Somebody may edit the object, for up to an hour: 15, 30, 60 s and so on. */
const WRITE_BACK_ATTEMPTS = { attempts: 9, backoffMs: 15_000, backoffDoubles: true };

/** @throws DocconvError for options that do not fit together, `no-sandbox` */
export async function createDocconv(options: DocconvOptions): Promise<Docconv> {
  checkOptions(options);
  const { cms, run = "all", logger = silentLogger, metrics = noMetrics } = options;
  const { cookieNames = DEFAULT_COOKIE_NAMES, previewsUrl = "/previews" } = options;
  const { redisUrl, redisPrefix = "docconv:" } = options;
  const backends = openBackends({ redisUrl, redisPrefix, lockMs: options.lockMs, logger });
  const { queue } = backends;
  try {
    const seal = createSeal(sealSecrets(options.credentialKey));
    const vault = new CredentialVault(backends.credentials, seal, options.credentialTtlMs ?? 2 * HOUR_MS);
    const scales = options.scales ?? DEFAULT_SCALES;
    const snippetOptions = { previewsUrl, scale: options.snippetScale ?? defaultScale(scales) };
    const store = new PreviewStore(openObjects(options), logger);
    const previews = new Previews(store, snippetOptions);
    const intake = new Intake({
      queue,
      vault,
      secret: options.jobsSecret,
      cookieNames,
      attempts: {
        docconv: DOCCONV_ATTEMPTS,
        callback: options.callbackAttempts ?? CALLBACK_ATTEMPTS,
        "write-back": options.writeBackAttempts ?? WRITE_BACK_ATTEMPTS,
      },
      metrics,
      logger,
    });
    const sweeper = new Sweeper(previews, intake);
    const regenerator = new Regenerator(previews, intake);
    const secret = options.jobsSecret;
    const api = new PreviewsApi({ previews, sweeper, regenerator, cms, cookieNames, secret, logger });
    const worker =
      run === "api" || !options.publisher
        ? undefined
        : await startWorker(options, options.publisher, {
            queue,
            vault,
            store,
            intake,
            scales,
            snippetOptions,
          });
    return {
      handle(request, response) {
        const [path = ""] = (request.url ?? "").split("?");
        const answering =
          run === "worker"
            ? undefined
            : route(
                path,
                [
                  ["/jobs", intake],
                  ["/previews", api],
                ],
                request,
                response,
              );
        answering?.catch(() => response.destroy());
        return answering !== undefined;
      },
      enqueue: (job) => intake.enqueue(job),
      sweep: (request) => sweeper.sweep(request),
      regenerate: (uid, by) => regenerator.regenerate(uid, by),
      previews,
      queue,
      async close(deadlineMs = 0) {
        await worker?.close(deadlineMs);
        await backends.close();
      },
    };
  } catch (error) {
    await backends.close();
    throw error;
  }
}

interface Shared {
  readonly queue: Queue<Task>;
  readonly vault: CredentialVault;
  readonly store: PreviewStore;
  readonly intake: Intake;
  readonly scales: Scales;
  readonly snippetOptions: SnippetOptions;
}

/** Everything that takes jobs off the queue. */
async function startWorker(
  options: DocconvOptions,
  publisher: Publisher,
  { queue, vault, store, intake, scales, snippetOptions }: Shared,
): Promise<Consumer> {
  const { cms, logger = silentLogger, metrics = noMetrics, concurrency = 2, soffice } = options;
  const work = await openWorkDirectory(options.workDir ?? join(options.dataDir, "work"));
  const converters = await createConverters({
    workDirectory: work.path,
    concurrency,
    officeProcesses: options.officeProcesses ?? concurrency,
    ocrLanguages: options.ocrLanguages ?? [],
    allowUnsandboxed: options.allowUnsandboxed ?? false,
    logger,
    ...(soffice !== undefined && { soffice }),
  });
  const writeBack = new WriteBack({ target: options.writeBack, cms, vault, store, intake, logger });
  const conversion = new Conversion({
    ...snippetOptions,
    cms,
    vault,
    store,
    publisher,
    converters: converters.list,
    workDirectory: work.path,
    scales,
    format: options.format ?? "webp",
    ocrLanguages: options.ocrLanguages ?? [],
    pageLimit: options.pageLimit ?? 20,
    maxDocumentBytes: options.maxDocumentBytes ?? 100_000_000,
    convertTimeoutMs: options.convertTimeoutMs ?? 120_000,
    progressIntervalMs: options.progressIntervalMs ?? 250,
    writeBack,
    logger,
    metrics,
  });
  const callback = new Callback({
    cms,
    vault,
    publisher,
    bases: options.callbackBases ?? [],
    timeoutMs: options.callbackTimeoutMs ?? 60_000,
    logger,
  });
  const handler = new TaskHandler({ conversion, callback, writeBack, vault, metrics });
  const consumer = queue.consume(handler, concurrency);
  return {
    async close(deadlineMs) {
      await consumer.close(deadlineMs);
      callback.close();
      await converters.close();
      await work.close();
    },
  };
}

interface Answerer {
  answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>;
}

/** Undefined if the path is nobody's here. */
function route(
  path: string,
  routes: readonly (readonly [prefix: string, answerer: Answerer])[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> | undefined {
  const found = routes.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  return found?.[1].answer(request, response, path.slice(found[0].length));
}

function checkOptions({ run = "all", redisUrl, publisher, credentialKey, jobsSecret }: DocconvOptions): void {
  const problem =
    run !== "all" && redisUrl === undefined
      ? `run: "${run}" needs redisUrl: the other part is in another process.`
      : run !== "api" && !publisher
        ? "A worker needs a publisher: it has to tell somebody."
        : redisUrl !== undefined && credentialKey === undefined
          ? "redisUrl needs credentialKey: all processes seal with the same one."
          : jobsSecret === ""
            ? "jobsSecret is empty: anybody could post jobs."
            : undefined;
  if (problem) throw new DocconvError("bad-options", problem);
}

function openObjects({ s3, dataDir }: DocconvOptions): ObjectStore {
  return s3 ? new S3ObjectStore(s3) : new DiskObjectStore(join(dataDir, "previews"));
}

function sealSecrets(credentialKey: DocconvOptions["credentialKey"]): readonly [string, ...string[]] {
  if (credentialKey === undefined) return [randomBytes(32).toString("hex")];
  return typeof credentialKey === "string" ? [credentialKey] : credentialKey;
}

function defaultScale(scales: Scales): string {
  if (scales["normal"] !== undefined) return "normal";
  const names = Object.keys(scales).toSorted((a, b) => (scales[a] ?? 0) - (scales[b] ?? 0));
  return names[1] ?? names[0] ?? "normal";
}
