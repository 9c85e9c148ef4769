/** The gate: every request under the prefix passes it before anything else sees it. Origin first, then the CMS. */
import type { IncomingMessage } from "node:http";
import { CmsUnknownError, Credentials, type CmsClient, type CmsUser } from "cms-client";
import type { PushServerLimits } from "./limits.ts";
import { OriginPolicy } from "./origin-policy.ts";
import { refusals } from "./refusal.ts";

export interface GateOptions {
  readonly cms: CmsClient;
  /** Default: the origin that the request is addressed to. */
  readonly allowedOrigins: readonly string[] | undefined;
  /** The CMS's login cookies. Default: those of cms-client. */
  readonly cookieNames: readonly string[] | undefined;
  readonly limits: PushServerLimits;
}

/** Whom the gate let in. */
export interface Visitor {
  readonly credentials: Credentials;
  readonly user: CmsUser;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #origins: OriginPolicy;
  #pending = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#origins = new OriginPolicy(options.allowedOrigins);
  }

  /** Requests that wait for the CMS. */
  get pending(): number {
    return this.#pending;
  }

  /** @param needsOrigin a session's transports do; what only reads does not, for no other page can read it */
  checkOrigin(request: IncomingMessage, needsOrigin: boolean): void {
    const verdict = this.#origins.judge(request);
    if (verdict === "foreign") throw refusals.foreignOrigin();
    if (verdict === "missing" && needsOrigin) throw refusals.missingOrigin();
  }

  /** Asks the CMS whose cookie this is. @throws Refusal 401, 429, 503 */
  async identify(request: IncomingMessage): Promise<Visitor> {
    const { cms, cookieNames, limits } = this.#options;
    const credentials = Credentials.fromCookieHeader(request.headers.cookie, cookieNames);
    if (!credentials) throw refusals.unauthenticated();
    if (this.#pending >= limits.maxPendingHandshakes) throw refusals.tooMany("handshakes at once");
    this.#pending += 1;
    try {
      const user = await cms.whoAmI(credentials);
      if (!user) throw refusals.unauthenticated();
      return { credentials, user };
    } catch (error) {
      if (error instanceof CmsUnknownError) throw refusals.cmsUnknown();
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }
}
