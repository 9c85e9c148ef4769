/** docconv-worker in this process, for `--embedded`: its messages go straight into this server's log. */
import type { CmsClient } from "cms-client";
import type { Docconv } from "docconv-worker";
import type { Config } from "../config.ts";
import type { Logger } from "../logger.ts";
import type { Publisher } from "../publisher.ts";
import type { EnqueueStatusJob } from "../status/checks/job-check.ts";
import { SHOWN_FAILURES, type QueueState } from "../status/checks/queue-check.ts";
import type { RetryJob } from "../status/status-api.ts";

export interface EmbeddedWorker {
  /** Answers /jobs and /previews. */
  readonly handle: Docconv["handle"];
  readonly queueState: () => Promise<QueueState>;
  readonly retryJob: RetryJob;
  /** Through the intake's own HTTP. @param url where this process listens */
  enqueueAt(url: string): EnqueueStatusJob;
  close(deadlineMs: number): Promise<void>;
}

export interface EmbeddedWorkerOptions {
  readonly config: Config;
  readonly cms: CmsClient;
  readonly publisher: Publisher;
  readonly log: Logger;
}

/** @throws DocconvError `no-sandbox` */
export async function startEmbeddedWorker(options: EmbeddedWorkerOptions): Promise<EmbeddedWorker> {
  const { config, cms, publisher, log } = options;
  // Here, so that a server without a worker loads none of its converters.
  const { createDocconv, createJobClient } = await import("docconv-worker");
  const { docconvJobsSecret: jobsSecret = "", docconvCredentialKey: credentialKey, redisUrl } = config;
  const docconv = await createDocconv({
    cms,
    publisher,
    jobsSecret,
    cookieNames: config.cookieNames,
    dataDir: config.docconvDataDir,
    concurrency: config.docconvConcurrency,
    previewsUrl: config.docconvPreviewsUrl,
    allowUnsandboxed: config.docconvAllowUnsandboxed,
    redisPrefix: config.docconvRedisPrefix,
    ...(redisUrl !== undefined && { redisUrl }),
    ...(credentialKey !== undefined && { credentialKey }),
    logger: log,
  });
  return {
    handle: (request, response) => docconv.handle(request, response),
    async queueState() {
      const failed = await docconv.queue.list("failed", SHOWN_FAILURES);
      const failures = failed.map(({ id, kind, error }) => ({ id, kind, reason: error?.text ?? "unknown" }));
      return { ...(await docconv.queue.counts()), workers: 1, failures };
    },
    retryJob: (id) => docconv.queue.retry(id),
    enqueueAt(url) {
      const client = createJobClient({ url, secret: jobsSecret });
      return (job, signal) => client.enqueue(job, signal);
    },
    close: (deadlineMs) => docconv.close(deadlineMs),
  };
}
