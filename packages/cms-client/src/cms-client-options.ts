/** What a CMS client can be told, with units and defaults. */
import type { GenericAdapterOptions } from "./adapters/generic.ts";
import type { CmsUrlOptions } from "./cms-urls.ts";
import type { TicketAlgorithm } from "./plone-ticket.ts";
import type { ViewProbeOptions } from "./view-probe.ts";

export interface CmsClientOptions extends CmsUrlOptions {
  /** How the CMS says who somebody is. Default: `"plone"`. */
  readonly adapter?: "plone" | GenericAdapterOptions;
  /** The question whether an object may be seen. Default: the adapter's own. */
  readonly viewProbe?: ViewProbeOptions;
  /** Plone's tickets, verified without asking Plone. Default: every cookie is put to the CMS. */
  readonly localTickets?: LocalTicketOptions;
  /**
   * How long the CMS has, in milliseconds: for a whole answer to a question; for a document's headers, and
   * between two parts of its body. Default: 5000.
   */
  readonly timeoutMs?: number;
  /** Questions to the CMS at once; a Plone process has four threads by default. Default: 8. */
  readonly maxConcurrentProbes?: number;
  /** Questions that wait for their turn; one more is answered with CmsUnknownError. Default: 20000. */
  readonly maxWaitingProbes?: number;
  /** How long a question waits for its turn, in milliseconds, before it is CmsUnknownError. Default: 30000. */
  readonly maxProbeWaitMs?: number;
  /** How long an answer is believed without asking again, in seconds. Default: 10. */
  readonly cacheSeconds?: number;
  /**
   * How long after the CMS last said so somebody stays known, and an object visible, while the CMS is unknown,
   * in seconds. Default: 300.
   */
  readonly graceSeconds?: number;
  /** Answers kept: of each kind, least recently used dropped first. Default: 50000. */
  readonly maxCachedAnswers?: number;
}

/**
 * Verification with a secret that is shared with plone.session. It cannot notice a logout, a changed password,
 * nor a deleted or disabled user until the ticket's own time is over; only Plone can.
 */
export interface LocalTicketOptions {
  /** Shared with plone.session (its keyring rotates unless a secret is set); several while it changes. */
  readonly secret: string | readonly string[];
  /** `hmac-sha256` (default), or `md5` with plone.session's mod_auth_tkt. */
  readonly algorithm?: TicketAlgorithm;
  /** How long a ticket is valid, in seconds; 0: for ever. Default: 7200, as plone.session's. */
  readonly timeoutSeconds?: number;
  /**
   * `refuse` (default): a forged or expired ticket is nobody's without asking; a good one is put to Plone.
   * `believe`: a good one is believed too, without asking. Its user has no groups then.
   */
  readonly trust?: "refuse" | "believe";
}
