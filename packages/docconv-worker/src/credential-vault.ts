/** Keeps the users' secrets apart from the jobs: sealed at the intake, opened when the job runs, then deleted. */
import { Credentials } from "cms-client";
import type { CredentialStore } from "./credential-store.ts";
import { DocconvError } from "./docconv-error.ts";
import type { Seal } from "./seal.ts";

/** What a job needs to act as its user. */
export interface JobSecrets {
  readonly credentials: Credentials;
  /** An Authorization header, for sites behind basic authentication. */
  readonly authorization?: string | undefined;
  /** plone.protect's token. */
  readonly authenticator?: string | undefined;
}

/** As it is sealed. */
interface Written {
  readonly cookie: string;
  readonly authorization?: string | undefined;
  readonly authenticator?: string | undefined;
}

/** Sealed secrets by id, each bound to its user. */
export class CredentialVault {
  readonly #store: CredentialStore;
  readonly #seal: Seal;
  /** How long they are kept at most. */
  readonly ttlMs: number;

  /** @param ttlMs no longer than a ticket of the CMS lives */
  constructor(store: CredentialStore, seal: Seal, ttlMs: number) {
    this.#store = store;
    this.#seal = seal;
    this.ttlMs = ttlMs;
  }

  async keep(id: string, user: string, { credentials, ...others }: JobSecrets): Promise<void> {
    const written: Written = { cookie: credentials.toCookieHeader(), ...others };
    const sealed = this.#seal.seal(JSON.stringify(written), context(id, user));
    await this.#store.set(id, sealed, this.ttlMs);
  }

  /** @throws DocconvError `credentials-gone` when they have expired or were deleted */
  async recall(id: string, user: string): Promise<JobSecrets> {
    const sealed = await this.#store.get(id);
    if (sealed !== undefined) {
      const { cookie, ...others } = JSON.parse(this.#seal.open(sealed, context(id, user))) as Written;
      const credentials = Credentials.fromCookieHeader(cookie, cookie.split(/; ?/).map(nameOf));
      if (credentials) return { credentials, ...others };
    }
    throw new DocconvError(
      "credentials-gone",
      "The credentials of this job are no longer kept: they expired, or another run ended it. Enqueue it again.",
    );
  }

  async forget(id: string): Promise<void> {
    await this.#store.delete(id);
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}

function context(id: string, user: string): string {
  return `${id}\0${user}`;
}

function nameOf(pair: string): string {
  return pair.slice(0, pair.indexOf("="));
}
