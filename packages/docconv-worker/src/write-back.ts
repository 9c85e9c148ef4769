/** The write-back job: page 1 of a converted document goes into a field of its object in the CMS, as the user. */
import { buffer } from "node:stream/consumers";
import type { CmsClient } from "cms-client";
import type { CredentialVault } from "./credential-vault.ts";
import type { Intake } from "./intake.ts";
import type { DocconvTask, WriteBackTask } from "./job.ts";
import type { Logger } from "./logger.ts";
import type { RenditionPage } from "./preview.ts";
import type { PreviewStore } from "./preview-store.ts";
import type { JobRun } from "./queue.ts";
import { describeFailure } from "./queues/failure.ts";

/** Where page 1 goes. */
export interface WriteBackTarget {
  /** Plone's `preview_image` (behaviour `volto.preview_image`), its lead image `image`, or another image field. */
  readonly field: string;
  /** Default: the largest. */
  readonly scale?: string | undefined;
}

/** What the write-back needs. */
export interface WriteBackOptions {
  /** Undefined: nothing is written. */
  readonly target: WriteBackTarget | undefined;
  readonly cms: CmsClient;
  readonly vault: CredentialVault;
  readonly store: PreviewStore;
  readonly intake: Pick<Intake, "enqueue">;
  readonly logger: Logger;
}

/** By its name we know our own image again: one of another name was chosen by somebody, and stays. */
const IMAGE_NAME = "docconv-first-page";

/**
 * Writes first pages back. The change makes the CMS say that the object was modified; nothing goes round in a circle,
 * because the request says by which job it comes, and because the same page is never written twice.
 */
export class WriteBack {
  readonly #options: WriteBackOptions;

  constructor(options: WriteBackOptions) {
    this.#options = options;
  }

  /** A job of its own: it can wait for an object that somebody edits. Its failure is not the conversion's. */
  async schedule({ user, credential, document }: DocconvTask, renditionKey: string): Promise<void> {
    const { target, vault, store, intake, logger } = this.#options;
    if (!target) return;
    const { uid, url } = document;
    try {
      if ((await store.writtenBack(uid)) === renditionKey) return;
      const { credentials } = await vault.recall(credential, user);
      const cookie = credentials.toCookieHeader();
      await intake.enqueue({ kind: "write-back", user, cookie, document: { uid, url }, renditionKey });
    } catch (error) {
      logger.warn({ uid, code: describeFailure(error).code }, "A first page cannot be written back");
    }
  }

  /** @throws cms-client's errors; retryable for an object that somebody edits */
  async run({ id, payload, signal }: JobRun<WriteBackTask>): Promise<{ readonly outcome: string }> {
    const { target, cms, vault, store, logger } = this.#options;
    const { document, renditionKey, user, credential } = payload;
    const { uid, url } = document;
    // The document was changed or purged meanwhile: what comes after it writes its own.
    const rendition = await store.rendition(renditionKey);
    const page = rendition?.pages.find(({ number }) => number === 1);
    const isCurrent = (await store.record(uid))?.renditionKey === renditionKey;
    if (!target || !rendition || !page || !isCurrent) return { outcome: "outdated" };
    const stored = await store.image(rendition, 1, scaleOf(page, target.scale));
    if (!stored) return { outcome: "outdated" };
    const { credentials } = await vault.recall(credential, user);
    const image = {
      field: target.field,
      name: `${IMAGE_NAME}.${rendition.format}`,
      mediaType: `image/${rendition.format}`,
      bytes: await buffer(stored.body),
    };
    try {
      const outcome = await cms.writeImage(credentials, url, image, { job: id, signal });
      await store.putWrittenBack(uid, renditionKey);
      return { outcome };
    } catch (error) {
      logger.warn({ uid, code: describeFailure(error).code }, "A first page was not written back");
      throw error;
    }
  }
}

function scaleOf({ images }: RenditionPage, wanted: string | undefined): string {
  if (wanted !== undefined && images[wanted]) return wanted;
  const byWidth = Object.entries(images).toSorted(([, a], [, b]) => b.width - a.width);
  return byWidth[0]?.[0] ?? "";
}
