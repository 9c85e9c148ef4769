/**
 * `GET <prefix>/status`: for administrators, by a secret or by their group in the CMS; a page, or JSON.
 * `POST <prefix>/status/jobs/{id}/retry`, for the same: tries a failed job again.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { CmsUnknownError, Credentials, type CmsClient } from "cms-client";
import { BearerSecret } from "../apis/bearer-secret.ts";
import { errorFields, type Logger } from "../logger.ts";
import { refusals, refuse, Refusal } from "../refusal.ts";
import { renderStatusPage, STATUS_PAGE_POLICY } from "./status-page.ts";
import type { StatusReport } from "./status-report.ts";

/** Puts a failed job back on the queue. False: it is not a failed one any more. */
export type RetryJob = (id: string) => Promise<boolean>;

export interface StatusApiOptions {
  /** Where it is, such as `/push/status`. */
  readonly path: string;
  readonly report: StatusReport;
  /** Undefined: there is no queue here. */
  readonly retryJob: RetryJob | undefined;
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
    const { path } = this.#options;
    const [asked = ""] = (request.url ?? "").split("?");
    const [, job] = /^\/jobs\/([\w-]{1,128})\/retry$/.exec(asked.slice(path.length)) ?? [];
    if (asked !== path && (job === undefined || !asked.startsWith(`${path}/`))) return false;
    const answer = job === undefined ? this.#answer(request, response) : this.#retry(request, response, job);
    answer.catch((error: unknown) => {
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
    response.end(isPage ? renderStatusPage(status, this.#options.path) : `${JSON.stringify(status)}\n`);
  }

  async #retry(request: IncomingMessage, response: ServerResponse, job: string): Promise<void> {
    if (request.method !== "POST") throw refusals.methodNotAllowed("POST");
    // Who comes with a cookie comes from this page; no other page makes an administrator's browser do it.
    if (request.headers.authorization === undefined && !isFromHere(request)) throw refusals.foreignOrigin();
    await this.#authorise(request);
    const { retryJob, path, report } = this.#options;
    if (!(await retryJob?.(job))) {
      throw new Refusal(409, "not-failed", "This job is not a failed one, or a later one does its work.");
    }
    report.forget();
    if ((request.headers.accept ?? "").includes("text/html")) {
      response.writeHead(303, { Location: path, "Cache-Control": "no-store" }).end();
    } else {
      response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
      response.end(`${JSON.stringify({ id: job, state: "waiting" })}\n`);
    }
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

/** As browsers say it: Fetch Metadata, and before that the Origin of every POST. */
function isFromHere({ headers }: IncomingMessage): boolean {
  if (headers["sec-fetch-site"] !== undefined) return headers["sec-fetch-site"] === "same-origin";
  return headers.origin !== undefined && URL.parse(headers.origin)?.host === headers.host;
}
