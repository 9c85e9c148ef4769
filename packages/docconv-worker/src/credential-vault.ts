/** Keeps the users' cookies apart from the jobs: sealed at the intake, opened when the job runs, then deleted. */
import { Credentials } from "cms-client";
import type { CredentialStore } from "./credential-store.ts";
import { DocconvError } from "./docconv-error.ts";
import type { Seal } from "./seal.ts";

/** Sealed credentials by id, each bound to its user. */
export class CredentialVault {
  readonly #store: CredentialStore;
  readonly #seal: Seal;
  readonly #ttlMs: number;

  /** @param ttlMs no longer than a ticket of the CMS lives */
  constructor(store: CredentialStore, seal: Seal, ttlMs: number) {
    this.#store = store;
    this.#seal = seal;
    this.#ttlMs = ttlMs;
  }

  async keep(id: string, user: string, credentials: Credentials): Promise<void> {
    const sealed = this.#seal.seal(credentials.toCookieHeader(), context(id, user));
    await this.#store.set(id, sealed, this.#ttlMs);
  }

  /** @throws DocconvError `credentials-gone` when they have expired or were deleted */
  async recall(id: string, user: string): Promise<Credentials> {
    const sealed = await this.#store.get(id);
    const header = sealed === undefined ? undefined : this.#seal.open(sealed, context(id, user));
    const credentials = Credentials.fromCookieHeader(header, header?.split(/; ?/).map(nameOf) ?? []);
    if (credentials) return credentials;
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
