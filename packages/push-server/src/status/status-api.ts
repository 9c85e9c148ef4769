/** `GET <prefix>/status`: for administrators, by a secret or by their group in the CMS; a page, or JSON. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { CmsUnknownError, Credentials, type CmsClient } from "cms-client";
import { BearerSecret } from "../apis/bearer-secret.ts";
import { errorFields, type Logger } from "../logger.ts";
import { refusals, refuse, Refusal } from "../refusal.ts";
import { renderStatusPage, STATUS_PAGE_POLICY } from "./status-page.ts";
import type { StatusReport } from "./status-report.ts";

export interface StatusApiOptions {
  /** Where it is, such as `/push/status`. */
  readonly path: string;
  readonly report: StatusReport;
  readonly cms: CmsClient;
  readonly cookieNames: readonly string[];
  /** Undefined: nobody is let in by a secret. */
  readonly secret: string | undefined;
  /** Groups of the CMS whose members are let in. */
  readonly groups: readonly string[];
  readonly logger: Logger;
}

export class StatusApi {
  readonly #options: StatusApiOptions;
  readonly #secret: BearerSecret;

  constructor(options: StatusApiOptions) {
    this.#options = options;
    this.#secret = new BearerSecret(options.secret, "status");
  }

  /** False: not mine, go on. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if ((request.url ?? "").split("?")[0] !== this.#options.path) return false;
    this.#answer(request, response).catch((error: unknown) => {
      if (!(error instanceof Refusal))
        this.#options.logger.error(errorFields(error), "The status page failed.");
      refuse(
        response,
        error instanceof Refusal ? error : new Refusal(500, "internal-error", "It failed; the log has more."),
      );
    });
    return true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET") throw refusals.methodNotAllowed("GET");
    await this.#authorise(request);
    const status = await this.#options.report.read();
    const isPage = (request.headers.accept ?? "").includes("text/html");
    response.writeHead(200, {
      "Content-Type": isPage ? "text/html; charset=utf-8" : "application/json",
      "Cache-Control": "no-store",
      "Content-Security-Policy": STATUS_PAGE_POLICY,
      Vary: "Accept",
    });
    response.end(isPage ? renderStatusPage(status) : `${JSON.stringify(status)}\n`);
  }

  /** @throws Refusal 401, 403, 503 */
  async #authorise(request: IncomingMessage): Promise<void> {
    const { cms, cookieNames, groups } = this.#options;
    if (request.headers.authorization !== undefined) {
      this.#secret.check(request);
      return;
    }
    // Other sites' pages do not make an administrator's browser run checks.
    if (request.headers["sec-fetch-site"] === "cross-site") throw refusals.foreignOrigin();
    const credentials = Credentials.fromCookieHeader(request.headers.cookie, cookieNames);
    const user = credentials && (await this.#ask(cms, credentials));
    if (!user) throw refusals.unauthenticated();
    if (user.groups.some((group) => groups.includes(group))) return;
    throw new Refusal(403, "not-an-administrator", "This page is for members of the groups in statusGroups.");
  }

  async #ask(cms: CmsClient, credentials: Credentials): ReturnType<CmsClient["whoAmI"]> {
    try {
      return await cms.whoAmI(credentials);
    } catch (error) {
      if (!(error instanceof CmsUnknownError)) throw error;
      throw new Refusal(
        503,
        "cms-unknown",
        "The CMS does not answer who this is; with the statusSecret as a bearer token it is not asked.",
      );
    }
  }
}
