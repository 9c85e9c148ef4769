/** Sealed credentials of the embedded mode: gone with the process. */
import type { CredentialStore } from "../credential-store.ts";

/** Keeps sealed credentials in this process. */
export class MemoryCredentialStore implements CredentialStore {
  readonly #entries = new Map<string, { readonly sealed: string; readonly expiry: NodeJS.Timeout }>();

  async set(id: string, sealed: string, ttlMs: number): Promise<void> {
    await this.delete(id);
    const expiry = setTimeout(() => this.#entries.delete(id), ttlMs).unref();
    this.#entries.set(id, { sealed, expiry });
  }

  async get(id: string): Promise<string | undefined> {
    return this.#entries.get(id)?.sealed;
  }

  async delete(id: string): Promise<void> {
    clearTimeout(this.#entries.get(id)?.expiry);
    this.#entries.delete(id);
  }

  async close(): Promise<void> {
    for (const { expiry } of this.#entries.values()) clearTimeout(expiry);
    this.#entries.clear();
  }
}
