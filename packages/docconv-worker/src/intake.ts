/** The intake: takes signed jobs from the CMS, seals the secrets, puts the job on the queue, answers. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Credentials } from "cms-client";
import type { CredentialVault } from "./credential-vault.ts";
import { DocconvError } from "./docconv-error.ts";
import { notFound, readBody, requireMethod, sendError, sendJson } from "./http-answer.ts";
import { checkSignedBody, checkSignedRequest, idOfSignature } from "./job-signature.ts";
import { MAX_JOB_BYTES, parseJob } from "./job-schema.ts";
import type { Job, Task } from "./job.ts";
import type { Logger } from "./logger.ts";
import type { DocconvMetrics } from "./metrics.ts";
import type { Queue } from "./queue.ts";

/** How often a kind of job is run before it counts as failed, and the wait before the second run. */
export interface Attempts {
  readonly attempts: number;
  readonly backoffMs: number;
  /** Whether the wait doubles with each further run. */
  readonly backoffDoubles: boolean;
}

/** What the intake needs. */
export interface IntakeOptions {
  readonly queue: Queue<Task>;
  readonly vault: CredentialVault;
  readonly secret: string;
  /** The cookies that are kept. */
  readonly cookieNames: readonly string[];
  readonly attempts: Readonly<Record<Task["kind"], Attempts>>;
  readonly metrics: DocconvMetrics;
  readonly logger: Logger;
}

/** Redis that does not take a job within this time is away; the CMS keeps the job and tries again. */
const ENQUEUE_TIMEOUT_MS = 5000;

/** Answers `/jobs` and `/jobs/{id}`. */
export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** @param path below `/jobs`: empty, or `/{id}` */
  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    try {
      if (path === "" || path === "/") await this.#post(request, response);
      else await this.#job(request, response, path.slice(1));
    } catch (error) {
      sendError(response, error, this.#options.logger);
    }
  }

  /** @throws DocconvError `invalid-job`, `queue-away` */
  async enqueue(job: Job): Promise<{ readonly id: string }> {
    const { vault, metrics, attempts } = this.#options;
    const { id = randomUUID(), key = defaultKey(job) } = job;
    const task = taskOf(job);
    const delayMs = this.#delayOf(task);
    await inTime(vault.keep(task.credential, task.user, this.#secretsOf(job)));
    const { outcome, superseded } = await inTime(
      this.#options.queue.enqueue({
        id,
        key,
        kind: task.kind,
        payload: task,
        delayMs,
        priority: task.priority ?? 0,
        ...attempts[task.kind],
      }),
    );
    // What will not be run needs no secrets.
    if (outcome === "duplicate") await vault.forget(task.credential);
    if (superseded) await vault.forget(superseded.credential);
    metrics.jobAccepted(task.kind, outcome);
    return { id };
  }

  async #post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requireMethod(request, "POST");
    const body = await readBody(request, MAX_JOB_BYTES);
    checkSignedBody(this.#options.secret, body, request);
    sendJson(response, 202, await this.enqueue({ id: idOfSignature(request), ...parseJob(body) }));
  }

  async #job(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const { queue, secret } = this.#options;
    requireMethod(request, "GET", "DELETE");
    checkSignedRequest(secret, request);
    if (request.method === "DELETE" && !(await queue.cancel(id))) {
      throw notFound(`No job ${id} waits or runs.`);
    }
    const status = await queue.status(id);
    if (!status) throw notFound(`No job ${id} is known, or it is no longer kept.`);
    sendJson(response, 200, status);
  }

  /** @throws DocconvError `invalid-job` for a job that would start without its credentials */
  #delayOf({ delayMs = 0, runAt = 0 }: Task): number {
    const longest = this.#options.vault.ttlMs;
    const delay = Math.max(delayMs, runAt - Date.now());
    if (delay <= longest) return delay;
    const field = delay === delayMs ? "delayMs" : "runAt";
    throw new DocconvError(
      "invalid-job",
      `Not a job: ${field}: credentials are kept for ${longest / 1000} s (credentialTtlMs), and it starts later.`,
    );
  }

  #secretsOf(job: Job): Parameters<CredentialVault["keep"]>[2] {
    const { cookieNames } = this.#options;
    const credentials = Credentials.fromCookieHeader(job.cookie, cookieNames);
    if (!credentials) {
      throw new DocconvError(
        "invalid-job",
        `Not a job: cookie: there is none of ${cookieNames.join(", ")} in it, with a value.`,
      );
    }
    if (job.kind !== "callback") return { credentials };
    return { credentials, authorization: job.authorization, authenticator: job.authenticator };
  }
}

function defaultKey(job: Job): string {
  return job.kind === "callback" ? `callback:${job.task}:${job.url}` : `${job.kind}:${job.document.uid}`;
}

/** What may stand on the queue, and a new place in the vault for what may not. */
function taskOf(job: Job): Task {
  const credential = randomUUID();
  if (job.kind !== "callback") {
    const { id: _id, key: _key, cookie: _cookie, ...rest } = job;
    return { ...rest, credential };
  }
  const { id: _id, key: _key, cookie: _cookie, authorization: _a, authenticator: _b, ...rest } = job;
  return { ...rest, credential };
}

async function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      new DocconvError("queue-away", "The queue does not answer: keep the job, and send it again.", {
        retryable: true,
      }),
    );
  }, ENQUEUE_TIMEOUT_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
