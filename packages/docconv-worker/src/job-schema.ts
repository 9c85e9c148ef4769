/** Reads what the CMS posted to the intake, and names every field that is wrong. */
import { parseMessageBody, parseTopic, type Topic } from "push-protocol";
import { z } from "zod";
import { DocconvError } from "./docconv-error.ts";
import type { Job } from "./job.ts";

/** Longest body of a job, in bytes. */
export const MAX_JOB_BYTES = 65_536;

const topic = z.string().transform((value, context): Topic => {
  try {
    return parseTopic(value);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});
const topics = z.array(topic).min(1).max(100);

const messageBody = z.looseObject({}).superRefine((value, context) => {
  try {
    parseMessageBody(value);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
});

// A header's value, RFC 9110 section 5.5, on one line.
const header = z
  .string()
  .max(16_384)
  .regex(/^[\x20-\x7e\x80-\xff]*$/, "a header's value");

const common = {
  id: z
    .string()
    .regex(/^(?!\d+$)[\w-]{1,128}$/, "letters, digits, - and _, not digits alone")
    .optional(),
  key: z.string().min(1).max(512).optional(),
  user: z.string().min(1).max(256),
  cookie: z.string().max(16_384),
  delayMs: z.int().min(0).max(86_400_000).optional(),
  runAt: z.int().min(0).optional(),
  priority: z.int().min(0).max(1_000_000).optional(),
  expiresAt: z.int().positive().optional(),
};

type DocumentSchema = z.ZodObject<{
  uid: z.ZodString;
  url: z.ZodString;
  download: z.ZodString;
  name: z.ZodOptional<z.ZodString>;
  mediaType: z.ZodOptional<z.ZodString>;
  revision: z.ZodOptional<z.ZodString>;
}>;

/** The document of a job. */
export const documentSchema: DocumentSchema = z.strictObject({
  uid: z.string().regex(/^[\w-]{1,128}$/, "letters, digits, - and _, at most 128"),
  url: z.string().min(1).max(4096),
  download: z.string().min(1).max(4096),
  name: z.string().max(1024).optional(),
  mediaType: z.string().max(256).optional(),
  revision: z.string().max(256).optional(),
});

const job: z.ZodType<Job> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("docconv"),
    ...common,
    document: documentSchema,
    announce: z.strictObject({ to: topics }).optional(),
    force: z.boolean().optional(),
    ocrLanguages: z
      .array(z.string().regex(/^\w{2,40}$/, "a name of tesseract's, such as eng"))
      .max(10)
      .optional(),
  }),
  z.strictObject({
    kind: z.literal("callback"),
    ...common,
    url: z.url({ protocol: /^https?$/ }).max(4096),
    task: header.min(1).max(256),
    form: z.record(z.string(), z.string()).optional(),
    authorization: header.optional(),
    authenticator: header.optional(),
    announce: z
      .strictObject({ to: topics.optional(), done: messageBody.optional(), failed: messageBody.optional() })
      .optional(),
  }),
]);

/** Reads a job from the body of a request. @throws DocconvError `invalid-job` naming every bad field */
export function parseJob(body: Uint8Array): Job {
  return parseWith(job, body);
}

/** Reads JSON by a schema. @throws DocconvError `invalid-job` naming every bad field */
export function parseWith<Value>(schema: z.ZodType<Value>, body: Uint8Array): Value {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return result.data;
  throw new DocconvError("invalid-job", `Not a job: ${faultsOf(result.error)}.`);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (cause) {
    throw new DocconvError("invalid-job", "The body is a JSON object; this is not JSON.", { cause });
  }
}

/** Neither zod's error nor the values: a cookie could be among them. */
function faultsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join(".") || "job"}: ${issue.message}`).join("; ");
}
