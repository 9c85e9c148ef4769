/** In front of the CMS client: a user for the status page's own connections and jobs, whom no CMS has to know. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type {
  AskOptions,
  CmsClient,
  CmsDescription,
  CmsUser,
  Credentials,
  FetchedDocument,
  FetchDocumentOptions,
  ImageToWrite,
  WriteImageOptions,
} from "cms-client";
import { statusDocument } from "./status-document.ts";

export interface StatusLoginOptions {
  readonly cms: CmsClient;
  /** One of the login cookies. */
  readonly cookieName: string;
  /** Nodes that share a queue share it, for a job of one may run on another. */
  readonly secret: string;
}

/** Holds nothing but its own topic and `all`, and may view nothing. */
export const STATUS_USER: CmsUser = { id: "push-server status check", groups: [] };

const PREFIX = "push-server-status";
const TICKET_MS = 60_000;

/** Everybody else is the CMS's. */
export class StatusLogin implements CmsClient {
  readonly #options: StatusLoginOptions;

  constructor(options: StatusLoginOptions) {
    this.#options = options;
  }

  /** A Cookie header, good for a minute. */
  cookie(): string {
    const claim = `${PREFIX}.${Date.now() + TICKET_MS}.${randomBytes(16).toString("hex")}`;
    return `${this.#options.cookieName}=${claim}.${this.#sign(claim)}`;
  }

  async whoAmI(
    credentials: Credentials,
    signal?: AbortSignal,
    ask?: AskOptions,
  ): Promise<CmsUser | undefined> {
    return this.#isOwn(credentials) ? STATUS_USER : await this.#options.cms.whoAmI(credentials, signal, ask);
  }

  async mayView(
    credentials: Credentials,
    object: string,
    signal?: AbortSignal,
    ask?: AskOptions,
  ): Promise<boolean> {
    return !this.#isOwn(credentials) && (await this.#options.cms.mayView(credentials, object, signal, ask));
  }

  async fetchDocument(
    credentials: Credentials,
    url: string,
    options: FetchDocumentOptions,
  ): Promise<FetchedDocument> {
    if (this.#isOwn(credentials)) return statusDocument();
    return await this.#options.cms.fetchDocument(credentials, url, options);
  }

  /** The status page's own document is no object of the CMS. */
  async writeImage(
    credentials: Credentials,
    object: string,
    image: ImageToWrite,
    options: WriteImageOptions,
  ): Promise<"written" | "kept"> {
    if (this.#isOwn(credentials)) return "kept";
    return await this.#options.cms.writeImage(credentials, object, image, options);
  }

  async describe(signal?: AbortSignal): Promise<CmsDescription> {
    return await this.#options.cms.describe(signal);
  }

  async close(): Promise<void> {
    await this.#options.cms.close();
  }

  #isOwn(credentials: Credentials): boolean {
    const { cookieName } = this.#options;
    const ticket = credentials.cookie(cookieName);
    if (ticket?.startsWith(PREFIX) !== true || credentials.names.length > 1) return false;
    const end = ticket.lastIndexOf(".");
    const [claim, signature] = [ticket.slice(0, end), ticket.slice(end + 1)];
    const expected = Buffer.from(this.#sign(claim));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    return Number(claim.split(".")[1]) > Date.now();
  }

  #sign(claim: string): string {
    return createHmac("sha256", this.#options.secret).update(`${PREFIX} ${claim}`).digest("hex");
  }
}
