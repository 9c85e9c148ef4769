/** What can go wrong between us and the CMS, each with a stable code and whether trying again may help. */

export type CmsErrorCode =
  | "cms-unknown"
  | "session-expired"
  | "not-visible"
  | "document-not-found"
  | "document-too-large"
  | "url-not-allowed"
  | "not-allowed"
  | "object-locked"
  | "no-such-field"
  | "unexpected-answer";

/** Never carries a cookie, a ticket, a query string or anything that the CMS answered. */
export abstract class CmsError extends Error {
  abstract readonly code: CmsErrorCode;
  /** Whether the same question may succeed a little later, with the same credentials. */
  abstract readonly retryable: boolean;
}

/** 5xx, timeout, refused connection, too many questions waiting: neither yes nor no. Ask again later. */
export class CmsUnknownError extends CmsError {
  override readonly name = "CmsUnknownError";
  readonly code = "cms-unknown";
  readonly retryable = true;
}

/** The CMS takes the credentials for nobody's (any more). The user has to log in again. */
export class SessionExpiredError extends CmsError {
  override readonly name = "SessionExpiredError";
  readonly code = "session-expired";
  readonly retryable = false;
}

/** The CMS knows the user, and refuses them this document. */
export class NotVisibleError extends CmsError {
  override readonly name = "NotVisibleError";
  readonly code = "not-visible";
  readonly retryable = false;
}

/** 404. Retryable: just after a commit, another CMS process may not have it yet. */
export class DocumentNotFoundError extends CmsError {
  override readonly name = "DocumentNotFoundError";
  readonly code = "document-not-found";
  readonly retryable = true;
}

/** More bytes than the caller allows; thrown as soon as it is known, in the middle of the body too. */
export class DocumentTooLargeError extends CmsError {
  override readonly name = "DocumentTooLargeError";
  readonly code = "document-too-large";
  readonly retryable = false;
  readonly maxBytes: number;

  constructor(message: string, maxBytes: number) {
    super(message);
    this.maxBytes = maxBytes;
  }
}

/** A URL that credentials are never sent to. */
export class UrlNotAllowedError extends CmsError {
  override readonly name = "UrlNotAllowedError";
  readonly code = "url-not-allowed";
  readonly retryable = false;
}

/** The CMS knows the user, and does not let them change this object. */
export class NotAllowedError extends CmsError {
  override readonly name = "NotAllowedError";
  readonly code = "not-allowed";
  readonly retryable = false;
}

/** Somebody edits the object. Retryable: they will be done. */
export class ObjectLockedError extends CmsError {
  override readonly name = "ObjectLockedError";
  readonly code = "object-locked";
  readonly retryable = true;
}

/** The object has no field of this name; Plone would take the value, and forget it. */
export class NoSuchFieldError extends CmsError {
  override readonly name = "NoSuchFieldError";
  readonly code = "no-such-field";
  readonly retryable = false;
}

/** An answer that no rule covers: most likely a wrong URL or a CMS that is set up differently. */
export class UnexpectedAnswerError extends CmsError {
  override readonly name = "UnexpectedAnswerError";
  readonly code = "unexpected-answer";
  readonly retryable = false;
}
