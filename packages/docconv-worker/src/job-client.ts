/** What a CMS written in JavaScript calls to put a job on the queue; every other one sends the same bytes. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { DocconvError } from "./docconv-error.ts";
import type { Job } from "./job.ts";
import { SIGNATURE_HEADER, signBody } from "./job-signature.ts";

/** Options of {@link createJobClient}. */
export interface JobClientOptions {
  /** Where the intake is mounted, as `http://127.0.0.1:8090`; `/jobs` is appended. */
  readonly url: string;
  /** The secret shared with the intake. */
  readonly secret: string;
  /** How long the intake may take to answer. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Puts jobs on the queue. */
export interface JobClient {
  /**
   * Answers as soon as the job stands on the queue, before it runs.
   * @returns the job's id; `skipped` within {@link JobClient.withoutJobs}
   * @throws DocconvError with the intake's code, or `intake-unreachable` (retryable)
   */
  enqueue(job: Job, signal?: AbortSignal): Promise<{ readonly id: string; readonly skipped?: true }>;
  /**
   * Does something without enqueueing anything, for this request only: what runs beside it enqueues as always. For
   * imports, and for what the worker itself writes back (its requests carry the header X-Push-Job). Plone Intranet's
   * `events_disable`; `events_enable` is its end.
   */
  withoutJobs<Result>(work: () => Result): Result;
}

/** A client of the intake. */
export function createJobClient(options: JobClientOptions): JobClient {
  const url = `${options.url.replace(/\/+$/, "")}/jobs`;
  const disabled = new AsyncLocalStorage<true>();
  return {
    withoutJobs: (work) => disabled.run(true, work),
    async enqueue(job, signal) {
      if (disabled.getStore()) return { id: job.id ?? randomUUID(), skipped: true };
      // With an id of its own a job can be sent twice and is taken in once.
      const body = Buffer.from(JSON.stringify({ id: randomUUID(), ...job }));
      const timeout = AbortSignal.timeout(options.timeoutMs ?? 10_000);
      const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
      const post = (): Promise<Response> =>
        fetch(url, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            [SIGNATURE_HEADER]: signBody(options.secret, body),
          },
          body,
          redirect: "error",
          signal: either,
        });
      // Once more: a connection that was kept open can be closed just when it is used again.
      const response = await post()
        .catch(() => post())
        .catch((cause: unknown) => {
          throw new DocconvError(
            "intake-unreachable",
            `No answer from ${url}: is the intake running there?`,
            { cause, retryable: true },
          );
        });
      const answer = (await response.json().catch(() => ({}))) as Record<string, string | undefined>;
      if (response.status === 202 && answer["id"]) return { id: answer["id"] };
      throw new DocconvError(
        answer["code"] ?? "intake-failed",
        answer["error"] ?? `${url} answered ${response.status}.`,
        { retryable: response.status >= 500 },
      );
    },
  };
}
