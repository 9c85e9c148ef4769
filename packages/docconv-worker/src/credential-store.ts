/** Where sealed credentials wait for their job: strings that expire. */
export interface CredentialStore {
  set(id: string, sealed: string, ttlMs: number): Promise<void>;
  get(id: string): Promise<string | undefined>;
  delete(id: string): Promise<void>;
  close(): Promise<void>;
}
