/** Jobs as the CMS posts them, and as they stand on the queue: without the secrets. */
import type { MessageBody, Topic } from "push-protocol";

/** What every kind of job may say about when it runs. */
interface Scheduling {
  /** Waits this long before it runs; a later enqueue of the same key starts the wait again. Default 0. */
  readonly delayMs?: number | undefined;
  /** Not before this, in milliseconds since the epoch; the later one of this and `delayMs` counts. Default 0. */
  readonly runAt?: number | undefined;
  /** 0 (default) runs first, larger later. Merged jobs have the most urgent one's. */
  readonly priority?: number | undefined;
  /** Milliseconds since the epoch; no run starts after it, and the job fails as `expired`. */
  readonly expiresAt?: number | undefined;
}

/** What the intake takes off a job before it stands on the queue. */
interface JobEnvelope {
  /**
   * Idempotency key: the same id is taken in once in a week. Default: a new one; over HTTP made of the signature, so
   * that a request that somebody recorded and sends again is no second job.
   */
  readonly id?: string | undefined;
  /** What the job is debounced by: one run for all that is enqueued before it starts. */
  readonly key?: string | undefined;
  /** A Cookie header value; only the allowed names are kept, sealed, apart from the job. */
  readonly cookie: string;
}

/** The document that a job is about. */
export interface JobDocument {
  /** Letters, digits, `-` and `_`, at most 128: it becomes part of ids in the page. */
  readonly uid: string;
  /** The object in the CMS: who may view it may view its preview. URL, path or UID. */
  readonly url: string;
  /** Where its bytes are. */
  readonly download: string;
  /** File name. Default: what the CMS answers. */
  readonly name?: string | undefined;
  /** Media type; believed after content and name. */
  readonly mediaType?: string | undefined;
  /** The CMS's own mark of this state of the document; kept with the preview. */
  readonly revision?: string | undefined;
}

/** Converts a document to a preview. */
export interface DocconvTask extends Scheduling {
  readonly kind: "docconv";
  /** The CMS's id of the user in whose name the job runs. */
  readonly user: string;
  readonly document: JobDocument;
  /** Who is told. Default: the user, and whoever looks at the document (`object:<uid>`). */
  readonly announce?: { readonly to: readonly Topic[] } | undefined;
  /** Converts again although the content is known. Default false. */
  readonly force?: boolean | undefined;
  /** What tesseract reads pages in that have no text, by its own names. Default: as the worker is configured; []: not. */
  readonly ocrLanguages?: readonly string[] | undefined;
  /** Where the secrets are in the vault. */
  readonly credential: string;
}

/** Calls a view of the CMS as the user: Plone Intranet's contract. */
export interface CallbackTask extends Scheduling {
  readonly kind: "callback";
  readonly user: string;
  /** The view, under one of the allowed bases. */
  readonly url: string;
  /** Sent as X-celery-task-name. */
  readonly task: string;
  /** More form fields. They stand on the queue: no secrets. */
  readonly form?: Readonly<Record<string, string>> | undefined;
  /** Published when the call has succeeded, or has failed for good. Default: only a failure, as a marker. */
  readonly announce?:
    | {
        readonly to?: readonly Topic[] | undefined;
        readonly done?: MessageBody | undefined;
        readonly failed?: MessageBody | undefined;
      }
    | undefined;
  readonly credential: string;
}

/** Writes page 1 of a document that is converted back into the CMS. The worker itself puts it on the queue. */
export interface WriteBackTask extends Scheduling {
  readonly kind: "write-back";
  readonly user: string;
  readonly document: Pick<JobDocument, "uid" | "url">;
  readonly renditionKey: string;
  readonly credential: string;
}

/** What stands on the queue. */
export type Task = DocconvTask | CallbackTask | WriteBackTask;

/** A document to convert, as the CMS posts it. Its key is by default `docconv:<uid>`. */
export interface DocconvJob extends JobEnvelope, Omit<DocconvTask, "credential"> {}

/** A view to call, as the CMS posts it. Its key is by default `callback:<task>:<url>`. */
export interface CallbackJob extends JobEnvelope, Omit<CallbackTask, "credential"> {
  /** Sent as Authorization; sealed. */
  readonly authorization?: string | undefined;
  /** plone.protect's token, sent as the form field `_authenticator`; sealed. */
  readonly authenticator?: string | undefined;
}

/** Its key is by default `write-back:<uid>`. */
interface WriteBackJob extends JobEnvelope, Omit<WriteBackTask, "credential"> {}

/** A job as it is taken in; the CMS posts the first two kinds. */
export type Job = DocconvJob | CallbackJob | WriteBackJob;
