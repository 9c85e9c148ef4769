/** Jobs as the CMS posts them, and as they stand on the queue: without the cookie. */
import { parseTopic, type Topic } from "push-protocol";
import { z } from "zod";
import { DocconvError } from "./docconv-error.ts";

/** Longest body of a job, in bytes. */
export const MAX_JOB_BYTES = 65_536;

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

/** What every kind of job may say about when it runs. */
export interface Scheduling {
  /** Waits this long before it runs; a later enqueue of the same key starts the wait again. Default 0. */
  readonly delayMs?: number | undefined;
  /** 0 (default) runs first, larger later. */
  readonly priority?: number | undefined;
  /** Milliseconds since the epoch; a job that has not started by then fails as `expired`. */
  readonly expiresAt?: number | undefined;
}

/** What stands on the queue: the cookie is in the vault, under `credential`. */
export interface DocconvTask extends Scheduling {
  readonly kind: "docconv";
  /** The CMS's id of the user in whose name the job runs. */
  readonly user: string;
  readonly document: JobDocument;
  /** Who is told. Default: the user, and whoever looks at the document (`object:<uid>`). */
  readonly announce?: { readonly to: readonly Topic[] } | undefined;
  readonly credential: string;
}

/** A job as the CMS posts it. */
export interface DocconvJob extends Omit<DocconvTask, "credential"> {
  /** Idempotency key: the same id is taken in once. Default: a new one. */
  readonly id?: string | undefined;
  /** What the job is debounced by: one run for all that is enqueued before it starts. Default `docconv:<uid>`. */
  readonly key?: string | undefined;
  /** A Cookie header value; only the allowed names are kept, sealed, apart from the job. */
  readonly cookie: string;
}

const topic = z.string().transform((value, context): Topic => {
  try {
    return parseTopic(value);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

const id = z.string().regex(/^(?!\d+$)[\w-]{1,128}$/, "letters, digits, - and _, not digits alone");
const uid = z.string().regex(/^[\w-]{1,128}$/, "letters, digits, - and _, at most 128");

const docconvJob: z.ZodType<DocconvJob> = z.strictObject({
  kind: z.literal("docconv"),
  id: id.optional(),
  key: z.string().min(1).max(512).optional(),
  user: z.string().min(1).max(256),
  cookie: z.string().max(16_384),
  delayMs: z.int().min(0).max(86_400_000).optional(),
  priority: z.int().min(0).max(1_000_000).optional(),
  expiresAt: z.int().positive().optional(),
  document: z.strictObject({
    uid,
    url: z.string().min(1).max(4096),
    download: z.string().min(1).max(4096),
    name: z.string().max(1024).optional(),
    mediaType: z.string().max(256).optional(),
    revision: z.string().max(256).optional(),
  }),
  announce: z.strictObject({ to: z.array(topic).min(1).max(100) }).optional(),
});

/** Reads a job from the body of a request. @throws DocconvError `invalid-job` naming every bad field */
export function parseJob(body: Uint8Array): DocconvJob {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (cause) {
    throw new DocconvError("invalid-job", "The body of a job is a JSON object; this is not JSON.", { cause });
  }
  const result = docconvJob.safeParse(value);
  if (result.success) return result.data;
  // Neither zod's error nor the values: a cookie could be among them.
  const faults = result.error.issues.map((issue) => `${issue.path.join(".") || "job"}: ${issue.message}`);
  throw new DocconvError("invalid-job", `Not a job: ${faults.join("; ")}.`);
}
