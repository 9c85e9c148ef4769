/** The port: a CMS, asked as one of its users. The push server's gate and the worker ask through it. */
import type { Credentials } from "./credentials.ts";

export interface CmsUser {
  readonly id: string;
  readonly groups: readonly string[];
}

export interface AskOptions {
  /**
   * Asks the CMS even if a cached answer is still good; for connections that are validated again. A question
   * that is under way already, for the same credentials, is joined. Default: false.
   */
  readonly fresh?: boolean;
}

export interface FetchDocumentOptions {
  /** The most bytes of body that the caller takes. */
  readonly maxBytes: number;
  /** Ends the request, and the body too while it is being read. */
  readonly signal?: AbortSignal;
}

/** Read `body` to its end, leave its loop early, or abort the signal: until then it holds a connection. */
export interface FetchedDocument {
  /** The file name: from Content-Disposition, else from the URL. Never a path. */
  readonly name: string;
  /** As the CMS says, lower case, without parameters. */
  readonly mediaType: string;
  /** @throws DocumentTooLargeError, CmsUnknownError (the connection broke or stalled) */
  readonly body: AsyncIterable<Uint8Array>;
}

/** An image that is written into a field of an object. */
export interface ImageToWrite {
  /** The field, such as `preview_image` (Plone's behaviour `volto.preview_image`) or `image` (its lead image). */
  readonly field: string;
  /** What is in the field under another name is somebody's own choice, and stays. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface WriteImageOptions {
  /**
   * Names the job that writes: sent as `X-Push-Job`, so that what the CMS changes in this request enqueues nothing,
   * and as `Idempotency-Key`.
   */
  readonly job: string;
  readonly signal?: AbortSignal;
}

/** How the CMS is asked, for a program to show when it starts and on its status page. */
export interface CmsDescription {
  readonly adapter: "plone" | "generic";
  /** Where we reach the CMS. */
  readonly baseUrl: string;
  /** Whether the CMS answered at all. */
  readonly reachable: boolean;
  /** The question that tells who somebody is; undefined while the CMS has not yet shown which one it answers. */
  readonly probe: string | undefined;
  /** One sentence: what is the case, and what to do if something is wrong. */
  readonly detail: string;
}

export interface CmsClient {
  /**
   * Who these credentials belong to; undefined: nobody.
   * @throws CmsUnknownError when the CMS does not say, and did not say so either within the grace
   */
  whoAmI(credentials: Credentials, signal?: AbortSignal, options?: AskOptions): Promise<CmsUser | undefined>;

  /**
   * Whether the CMS shows an object to this user.
   * @param object a path relative to the site, not percent-encoded (`/a folder/plan.pdf`), a UID, or a URL
   * @throws CmsUnknownError
   */
  mayView(
    credentials: Credentials,
    object: string,
    signal?: AbortSignal,
    options?: AskOptions,
  ): Promise<boolean>;

  /**
   * Fetches a document as this user.
   * @param url absolute, under an allowed base, or a path relative to the site, percent-encoded
   * @throws UrlNotAllowedError, SessionExpiredError, NotVisibleError, DocumentNotFoundError,
   *   DocumentTooLargeError, UnexpectedAnswerError, CmsUnknownError
   */
  fetchDocument(
    credentials: Credentials,
    url: string,
    options: FetchDocumentOptions,
  ): Promise<FetchedDocument>;

  /**
   * Writes an image into a field of an object, as this user. Plone only.
   * @param object as for {@link mayView}
   * @returns `kept`: the field holds an image of another name, and still does
   * @throws ObjectLockedError, NoSuchFieldError, NotAllowedError, SessionExpiredError, DocumentNotFoundError,
   *   UrlNotAllowedError, UnexpectedAnswerError, CmsUnknownError
   */
  writeImage(
    credentials: Credentials,
    object: string,
    image: ImageToWrite,
    options: WriteImageOptions,
  ): Promise<"written" | "kept">;

  /** How the CMS is asked; asks it, without credentials. Does not throw for a CMS that is away. */
  describe(signal?: AbortSignal): Promise<CmsDescription>;

  /** Ends what is under way and closes the connections to the CMS. */
  close(): Promise<void>;
}
