/** Converts what is missing: the CMS says which documents it has, and each that needs it gets a job, in no hurry. */
import { z } from "zod";
import type { Intake } from "./intake.ts";
import type { JobDocument } from "./job.ts";
import { documentSchema, parseWith } from "./job-schema.ts";
import { isConvertible } from "./media-type.ts";
import type { Preview } from "./preview.ts";
import type { Previews } from "./previews.ts";

/** Longest body of a sweep, in bytes: some thousand documents. */
export const MAX_SWEEP_BYTES = 2_000_000;

/** After everything that somebody waits for. */
const SWEEP_PRIORITY = 100;

/** What is swept, and what for. */
export interface Sweep {
  /** In whose name, and with whose cookie, the documents are fetched. */
  readonly user: string;
  readonly cookie: string;
  readonly documents: readonly SweptDocument[];
  /** Says what it would do, and does nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Converts what has a good preview, too. Default false. */
  readonly force?: boolean | undefined;
  /** Converts again what has no page this wide, in pixels. Default 0. */
  readonly minWidth?: number | undefined;
  /** Leaves out what was not modified since, in milliseconds since the epoch. Default: nothing. */
  readonly modifiedSince?: number | undefined;
}

/** A document, and when it was modified, in milliseconds since the epoch. */
export interface SweptDocument extends JobDocument {
  readonly modifiedAt?: number | undefined;
}

/** What a sweep does with a document, and why. */
export interface SweepDecision {
  readonly uid: string;
  readonly action: "convert" | "skip";
  readonly reason:
    | "forced"
    | "no-preview"
    | "failed-before"
    | "other-revision"
    | "too-small"
    | "up-to-date"
    | "not-modified"
    | "converting"
    | "unsupported-format";
}

const sweep: z.ZodType<Sweep> = z.strictObject({
  user: z.string().min(1).max(256),
  cookie: z.string().max(16_384),
  documents: z.array(documentSchema.extend({ modifiedAt: z.int().min(0).optional() })).max(5000),
  dryRun: z.boolean().optional(),
  force: z.boolean().optional(),
  minWidth: z.int().min(0).optional(),
  modifiedSince: z.int().min(0).optional(),
});

/** @throws DocconvError `invalid-job` naming every bad field */
export function parseSweep(body: Uint8Array): Sweep {
  return parseWith(sweep, body);
}

/** Decides, and enqueues. */
export class Sweeper {
  readonly #previews: Previews;
  readonly #intake: Intake;

  constructor(previews: Previews, intake: Intake) {
    this.#previews = previews;
    this.#intake = intake;
  }

  /** @throws DocconvError `invalid-job`, `queue-away` */
  async sweep(request: Sweep): Promise<readonly SweepDecision[]> {
    const decisions: SweepDecision[] = [];
    for (const { modifiedAt, ...document } of request.documents) {
      const preview = await this.#previews.find(document.uid);
      const decision = decide(request, { ...document, modifiedAt }, preview);
      decisions.push({ uid: document.uid, ...decision });
      if (decision.action === "skip" || request.dryRun) continue;
      await this.#intake.enqueue({
        kind: "docconv",
        user: request.user,
        cookie: request.cookie,
        document,
        priority: SWEEP_PRIORITY,
        force: decision.reason === "forced" || decision.reason === "too-small",
      });
    }
    return decisions;
  }
}

function decide(
  { force, minWidth = 0, modifiedSince = 0 }: Sweep,
  document: SweptDocument,
  preview: Preview | undefined,
): Omit<SweepDecision, "uid"> {
  if (document.mediaType !== undefined || document.name !== undefined) {
    if (!isConvertible(document.mediaType ?? "", document.name ?? "")) {
      return { action: "skip", reason: "unsupported-format" };
    }
  }
  if (document.modifiedAt !== undefined && document.modifiedAt < modifiedSince) {
    return { action: "skip", reason: "not-modified" };
  }
  if (force) return { action: "convert", reason: "forced" };
  if (!preview) return { action: "convert", reason: "no-preview" };
  const { record, rendition } = preview;
  if (record.state === "failed") return { action: "convert", reason: "failed-before" };
  if (document.revision !== undefined && document.revision !== record.revision) {
    return { action: "convert", reason: "other-revision" };
  }
  if (record.state === "waiting" || record.state === "converting")
    return { action: "skip", reason: "converting" };
  if (!rendition) return { action: "convert", reason: "no-preview" };
  const widths = Object.values(rendition.pages[0]?.images ?? {}).map(({ width }) => width);
  if (Math.max(0, ...widths) < minWidth) return { action: "convert", reason: "too-small" };
  return { action: "skip", reason: "up-to-date" };
}
