/** The callback job: calls a view of the CMS as the user, by the contract of Plone Intranet's asynchronous tasks. */
import type { CmsClient } from "cms-client";
import { type MessageBody, type Topic, userTopic } from "push-protocol";
import type { Publisher } from "./announcer.ts";
import { FormPoster, type PostAnswer } from "./callback-post.ts";
import type { CredentialVault, JobSecrets } from "./credential-vault.ts";
import { DocconvError } from "./docconv-error.ts";
import type { CallbackTask } from "./job.ts";
import type { Logger } from "./logger.ts";
import type { JobRun } from "./queue.ts";
import { describeFailure } from "./queues/failure.ts";

/** What callbacks need. */
export interface CallbackOptions {
  readonly cms: CmsClient;
  readonly vault: CredentialVault;
  readonly publisher: Publisher;
  /** URLs that credentials may be sent under. */
  readonly bases: readonly string[];
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** What Zope answers with 200 instead of a refusal. */
const MASKED_REFUSALS = ["login_form", "Insufficient Privileges"];
const OK: ReadonlySet<number> = new Set([200, 201, 202, 204]);

/** Calls views. */
export class Callback {
  readonly #options: CallbackOptions;
  readonly #poster = new FormPoster();
  readonly #bases: readonly URL[];

  constructor(options: CallbackOptions) {
    this.#options = options;
    this.#bases = options.bases.map((base) => new URL(base.endsWith("/") ? base : `${base}/`));
  }

  /** @throws DocconvError; retryable for what may pass */
  async run(run: JobRun<CallbackTask>): Promise<{ readonly status: number }> {
    const { payload: task } = run;
    try {
      if (task.expiresAt !== undefined && task.expiresAt < Date.now()) {
        throw new DocconvError("expired", "The job did not start before it expired.");
      }
      const secrets = await this.#options.vault.recall(task.credential, task.user);
      const answer = await this.#call(run, secrets);
      if (leadsToLogin(answer)) throw await this.#whyLogin(run, secrets);
      checkAnswer(answer);
      if (task.announce?.done) await this.#publish(task, task.announce.done, run.id);
      return { status: answer.status };
    } catch (error) {
      const failure = describeFailure(error);
      const ends = !run.signal.aborted && (!failure.retryable || run.lastAttempt);
      this.#options.logger.warn({ task: task.task, code: failure.code, ends }, "A callback failed");
      if (ends) await this.#announceFailure(task, failure.code, run.id);
      throw error;
    }
  }

  close(): void {
    this.#poster.close();
  }

  async #call(run: JobRun<CallbackTask>, secrets: JobSecrets): Promise<PostAnswer> {
    const { payload: task } = run;
    const url = this.#checkUrl(task.url);
    const form = new URLSearchParams(task.form);
    if (secrets.authenticator) form.set("_authenticator", secrets.authenticator);
    const headers = {
      cookie: secrets.credentials.toCookieHeader(),
      "x-celery-task-name": task.task,
      // The same for every run of the job: the view can tell a repetition.
      "idempotency-key": run.id,
      // What the CMS changes in here does not put a job on the queue again.
      "x-push-job": run.id,
      ...(secrets.authorization && { authorization: secrets.authorization }),
    };
    const { timeoutMs } = this.#options;
    return this.#poster.post(url, headers, form, { timeoutMs, signal: run.signal });
  }

  /** Plone sends whoever may not call a view to its login form, logged in or not. */
  async #whyLogin(
    { payload: task, signal }: JobRun<CallbackTask>,
    secrets: JobSecrets,
  ): Promise<DocconvError> {
    const user = await this.#options.cms
      .whoAmI(secrets.credentials, signal, { fresh: true })
      .catch(() => undefined); // then the answer is all that is known
    if (user?.id !== task.user) return sessionExpired();
    const text = "The view sent the user to the login form, and they are logged in: they may not call it.";
    return new DocconvError("callback-refused", text);
  }

  /** A job that names any other place would carry the user's cookie there. */
  #checkUrl(text: string): URL {
    const url = new URL(text);
    const climbs = /%2f|%5c|\\/i.test(url.pathname);
    const allowed = this.#bases.some(
      (base) => url.origin === base.origin && `${url.pathname}/`.startsWith(base.pathname),
    );
    if (allowed && !climbs && url.username === "" && url.password === "") return url;
    throw new DocconvError(
      "url-not-allowed",
      `${url.origin}${url.pathname} is under none of callbackBases, so the user's cookie is not sent there.`,
    );
  }

  async #announceFailure(task: CallbackTask, code: string, job: string): Promise<void> {
    const message = task.announce?.failed ?? { marker: `failed:${task.task}` };
    await this.#publish(task, { kind: "failed", code, ...message }, job);
  }

  async #publish(task: CallbackTask, body: MessageBody, job: string): Promise<void> {
    const [first, ...rest] = task.announce?.to ?? [];
    const to: readonly [Topic, ...Topic[]] = first === undefined ? [userTopic(task.user)] : [first, ...rest];
    // The id makes the announcement of a job that runs twice the same message.
    await this.#options.publisher.publish({ kind: "done", id: `callback:${job}`, ...body, to });
  }
}

function leadsToLogin({ status, location }: PostAnswer): boolean {
  return status >= 300 && status < 400 && /\/(?:require_)?login|came_from=/.test(location);
}

function sessionExpired(): DocconvError {
  return new DocconvError(
    "session-expired",
    "The CMS no longer knows the user's session: log in and try again.",
  );
}

/** @throws DocconvError for everything that is no success */
function checkAnswer({ status, text }: PostAnswer): void {
  if (status === 401) throw sessionExpired();
  if (!OK.has(status)) {
    throw new DocconvError("callback-failed", `The view answered ${status}.`, { retryable: true });
  }
  const refusal = MASKED_REFUSALS.find((sign) => text.includes(sign));
  if (refusal === undefined) return;
  throw new DocconvError("callback-refused", `The view answered ${status}, but with a refusal: ${refusal}.`);
}
