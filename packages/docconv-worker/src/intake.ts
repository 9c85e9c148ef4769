/** The intake: takes signed jobs from the CMS, seals the cookie, puts the job on the queue, answers. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Credentials } from "cms-client";
import type { CredentialVault } from "./credential-vault.ts";
import { DocconvError } from "./docconv-error.ts";
import { notFound, readBody, requireMethod, sendError, sendJson } from "./http-answer.ts";
import { checkSignature, SIGNATURE_HEADER } from "./job-signature.ts";
import { type DocconvJob, type DocconvTask, MAX_JOB_BYTES, parseJob } from "./job.ts";
import type { Logger } from "./logger.ts";
import type { DocconvMetrics } from "./metrics.ts";
import type { Queue } from "./queue.ts";

/** What the intake needs. */
export interface IntakeOptions {
  readonly queue: Queue<DocconvTask>;
  readonly vault: CredentialVault;
  readonly secret: string;
  /** The cookies that are kept. */
  readonly cookieNames: readonly string[];
  readonly logger: Logger;
  readonly metrics: DocconvMetrics;
}

// The CMS can be away for a minute, and a document not there yet just after the commit: 1, 2, 4, 8, 16, 32 s.
const DOCCONV_ATTEMPTS = 7;
const DOCCONV_BACKOFF_MS = 1000;

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
      else await this.#job(request, response, decodeURIComponent(path.slice(1)));
    } catch (error) {
      sendError(response, error);
    }
  }

  /** @throws DocconvError `invalid-job` */
  async enqueue(job: DocconvJob): Promise<{ readonly id: string }> {
    const { queue, vault, cookieNames, metrics } = this.#options;
    const { id = randomUUID(), key = `docconv:${job.document.uid}`, cookie, ...rest } = job;
    const credentials = Credentials.fromCookieHeader(cookie, cookieNames);
    if (!credentials) {
      throw new DocconvError(
        "invalid-job",
        `Not a job: cookie: there is none of ${cookieNames.join(", ")} in it, with a value.`,
      );
    }
    const task: DocconvTask = { ...rest, credential: randomUUID() };
    await vault.keep(task.credential, task.user, credentials);
    const { outcome, superseded } = await queue.enqueue({
      id,
      key,
      kind: job.kind,
      payload: task,
      delayMs: job.delayMs ?? 0,
      priority: job.priority ?? 0,
      attempts: DOCCONV_ATTEMPTS,
      backoffMs: DOCCONV_BACKOFF_MS,
    });
    if (outcome === "duplicate") await vault.forget(task.credential);
    if (superseded) await vault.forget(superseded.credential);
    metrics.jobAccepted(job.kind, outcome);
    return { id };
  }

  async #post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requireMethod(request, "POST");
    const body = await readBody(request, MAX_JOB_BYTES);
    checkSignature(this.#options.secret, body, headerOf(request));
    sendJson(response, 202, await this.enqueue(parseJob(body)));
  }

  /** Without a body, what is signed is `<method> <path>`, so that a signature is good for one thing. */
  async #job(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const { queue, secret } = this.#options;
    requireMethod(request, "GET", "DELETE");
    const path = (request.url ?? "").split("?")[0] ?? "";
    checkSignature(secret, Buffer.from(`${request.method} ${path}`), headerOf(request));
    if (request.method === "DELETE" && !(await queue.cancel(id))) {
      throw notFound(`No job ${id} waits or runs.`);
    }
    const status = await queue.status(id);
    if (!status) throw notFound(`No job ${id} is known, or it is no longer kept.`);
    sendJson(response, 200, status);
  }
}

function headerOf(request: IncomingMessage): string | undefined {
  const value = request.headers[SIGNATURE_HEADER];
  return Array.isArray(value) ? value[0] : value;
}
