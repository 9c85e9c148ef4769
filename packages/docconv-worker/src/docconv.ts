/** The composition root: puts intake, queue, worker, preview store and previews API together. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { type CmsClient, DEFAULT_COOKIE_NAMES } from "cms-client";
import { Redis } from "ioredis";
import type { Publisher } from "./announcer.ts";
import { Conversion } from "./conversion.ts";
import type { ImageFormat } from "./converter.ts";
import { createConverters } from "./create-converters.ts";
import type { CredentialStore } from "./credential-store.ts";
import { MemoryCredentialStore } from "./credential-stores/memory-credential-store.ts";
import { RedisCredentialStore } from "./credential-stores/redis-credential-store.ts";
import { CredentialVault } from "./credential-vault.ts";
import { DocconvError } from "./docconv-error.ts";
import { Intake } from "./intake.ts";
import type { DocconvJob, DocconvTask } from "./job.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { type DocconvMetrics, noMetrics } from "./metrics.ts";
import { DiskObjectStore } from "./object-stores/disk-object-store.ts";
import { PreviewStore } from "./preview-store.ts";
import { Previews } from "./previews.ts";
import { PreviewsApi } from "./previews-api.ts";
import type { Consumer, Queue } from "./queue.ts";
import { BullmqQueue } from "./queues/bullmq-queue.ts";
import { MemoryQueue } from "./queues/memory-queue.ts";
import { DEFAULT_SCALES, type Scales } from "./scale.ts";
import { createSeal } from "./seal.ts";

/** Options of {@link createDocconv}. */
export interface DocconvOptions {
  readonly cms: CmsClient;
  /** Where messages go. Needed unless `run` is `api`. */
  readonly publisher?: Publisher;
  /** Previews and files at work. Several processes need one that they share. */
  readonly dataDir: string;
  /** Shared with the CMS: signs what is posted to the intake. */
  readonly jobsSecret: string;
  /** With it the queue is BullMQ, for any number of processes; without it all is in this one. */
  readonly redisUrl?: string;
  /** Of every Redis key. Default `docconv:`. */
  readonly redisPrefix?: string;
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
  /** Where browsers find the previews API. Default `/previews`. */
  readonly previewsUrl?: string;
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
  enqueue(job: DocconvJob): Promise<{ readonly id: string }>;
  readonly previews: Previews;
  readonly queue: Queue<DocconvTask>;
  /** Takes no more jobs, gives running ones `deadlineMs` (default 0), then puts them back. */
  close(deadlineMs?: number): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** @throws DocconvError for options that do not fit together, `no-sandbox` */
export async function createDocconv(options: DocconvOptions): Promise<Docconv> {
  const {
    cms,
    run = "all",
    logger = silentLogger,
    metrics = noMetrics,
    cookieNames = DEFAULT_COOKIE_NAMES,
    previewsUrl = "/previews",
    redisPrefix = "docconv:",
  } = options;
  checkOptions(options);
  const closers: (() => Promise<void> | void)[] = [];
  const redis = options.redisUrl === undefined ? undefined : connect(options.redisUrl, logger);
  if (redis) closers.push(() => redis.disconnect());

  const queue: Queue<DocconvTask> = redis
    ? new BullmqQueue({ redis, name: "jobs", prefix: redisPrefix, logger })
    : new MemoryQueue();
  const credentialStore: CredentialStore = redis
    ? new RedisCredentialStore(redis, redisPrefix)
    : new MemoryCredentialStore();
  closers.unshift(() => queue.close());
  closers.unshift(() => credentialStore.close());
  const seal = createSeal(sealSecrets(options.credentialKey));
  const vault = new CredentialVault(credentialStore, seal, options.credentialTtlMs ?? 2 * HOUR_MS);

  const scales = options.scales ?? DEFAULT_SCALES;
  const snippetOptions = { previewsUrl, scale: options.snippetScale ?? defaultScale(scales) };
  const store = new PreviewStore(new DiskObjectStore(join(options.dataDir, "previews")));
  const previews = new Previews(store, snippetOptions);
  const intake = new Intake({ queue, vault, secret: options.jobsSecret, cookieNames, logger, metrics });
  const api = new PreviewsApi({ previews, cms, cookieNames });

  let consumer: Consumer | undefined;
  if (run !== "api" && options.publisher) {
    const concurrency = options.concurrency ?? 2;
    const workDirectory = join(options.dataDir, "work");
    const converters = await createConverters({
      workDirectory,
      concurrency,
      officeProcesses: options.officeProcesses ?? concurrency,
      allowUnsandboxed: options.allowUnsandboxed ?? false,
      logger,
      ...(options.soffice !== undefined && { soffice: options.soffice }),
    });
    closers.unshift(() => converters.close());
    const conversion = new Conversion({
      ...snippetOptions,
      cms,
      vault,
      store,
      publisher: options.publisher,
      converters: converters.list,
      workDirectory,
      scales,
      format: options.format ?? "webp",
      pageLimit: options.pageLimit ?? 20,
      maxDocumentBytes: options.maxDocumentBytes ?? 100_000_000,
      convertTimeoutMs: options.convertTimeoutMs ?? 120_000,
      progressIntervalMs: options.progressIntervalMs ?? 250,
      logger,
      metrics,
    });
    consumer = queue.consume(
      {
        run: (jobRun) => conversion.run(jobRun),
        ended: ({ credential }) => vault.forget(credential),
      },
      concurrency,
    );
  }

  const routes: readonly [prefix: string, answer: (path: string, ...exchange: Exchange) => Promise<void>][] =
    [
      ["/jobs", (path, request, response) => intake.answer(request, response, path)],
      ["/previews", (path, request, response) => api.answer(request, response, path)],
    ];
  return {
    handle(request, response) {
      if (run === "worker") return false;
      const path = (request.url ?? "").split("?")[0] ?? "";
      const route = routes.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
      if (!route) return false;
      const [prefix, answer] = route;
      answer(path.slice(prefix.length), request, response).catch(() => response.destroy());
      return true;
    },
    enqueue: (job) => intake.enqueue(job),
    previews,
    queue,
    async close(deadlineMs = 0) {
      await consumer?.close(deadlineMs);
      for (const closer of closers) await closer();
    },
  };
}

type Exchange = [request: IncomingMessage, response: ServerResponse];

function checkOptions(options: DocconvOptions): void {
  const { run = "all", redisUrl, publisher, credentialKey, jobsSecret } = options;
  if (run !== "all" && redisUrl === undefined) {
    throw new DocconvError(
      "bad-options",
      `run: "${run}" needs redisUrl: the other part is in another process.`,
    );
  }
  if (run !== "api" && !publisher) {
    throw new DocconvError("bad-options", "A worker needs a publisher: it has to tell somebody.");
  }
  if (redisUrl !== undefined && credentialKey === undefined) {
    throw new DocconvError(
      "bad-options",
      "redisUrl needs credentialKey: all processes seal with the same one.",
    );
  }
  if (jobsSecret === "")
    throw new DocconvError("bad-options", "jobsSecret is empty: anybody could post jobs.");
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

/** Back within two seconds of Redis's return: BullMQ's own strategy waits for up to twenty. */
function connect(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1000),
  });
  redis.on("error", (error: Error) => logger.warn({ error: error.message }, "Redis is away"));
  return redis;
}
