/** The logins that have connections on this node, asked about again and again while they do. */
import { CmsUnknownError, type CmsClient, type CmsUser, type Credentials } from "cms-client";
import { CLOSE, type Topic } from "push-protocol";
import { Identity, ownTopics } from "./identity.ts";
import { errorFields, type Logger } from "./logger.ts";
import type { ObjectAccess } from "./object-access.ts";

export interface IdentitiesOptions {
  readonly cms: CmsClient;
  readonly access: ObjectAccess;
  readonly logger: Logger;
  /** How often the CMS is asked again about each login; spread by a fifth to both sides. */
  readonly revalidateMs: number;
  readonly now: () => number;
}

/** So few that newcomers, whom the CMS is asked about as well, hardly wait for them. */
const CHECKS_AT_ONCE = 4;
/** Those whom the CMS left unknown come back within this time, not all at once. */
const COME_BACK_MS = { least: 5000, most: 30_000 };

export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #byHash = new Map<string, Identity>();
  readonly #due = new Set<Identity>();
  #checking = 0;

  constructor(options: IdentitiesOptions) {
    this.#options = options;
  }

  /** The login of somebody whom the CMS has just named. */
  enter(credentials: Credentials, user: CmsUser): Identity {
    const known = this.#byHash.get(credentials.hash);
    if (known?.userId === user.id) {
      this.#regroup(known, user);
      return known;
    }
    // The same session is somebody else's now.
    if (known) for (const connection of known.connections) connection.end(CLOSE.sessionExpired);
    const identity = new Identity(credentials, user, this.#nextCheck());
    this.#byHash.set(credentials.hash, identity);
    return identity;
  }

  /** A connection left it: a login without any is forgotten. */
  left(identity: Identity): void {
    if (!identity.unused) return;
    if (this.#byHash.get(identity.credentials.hash) === identity)
      this.#byHash.delete(identity.credentials.hash);
  }

  /** Asks again about those whose time has come, a few at once. */
  sweep(now: number, signal: AbortSignal): void {
    for (const identity of this.#byHash.values()) {
      if (identity.checkAt > now) continue;
      identity.checkAt = Infinity;
      this.#due.add(identity);
    }
    this.#checkDue(signal);
  }

  #checkDue(signal: AbortSignal): void {
    for (const identity of this.#due) {
      if (this.#checking >= CHECKS_AT_ONCE) return;
      this.#due.delete(identity);
      if (identity.unused) continue;
      this.#checking += 1;
      void this.#check(identity, signal).finally(() => {
        this.#checking -= 1;
        identity.checkAt = this.#nextCheck();
        this.#checkDue(signal);
      });
    }
  }

  async #check(identity: Identity, signal: AbortSignal): Promise<void> {
    const { cms, logger } = this.#options;
    try {
      const user = await cms.whoAmI(identity.credentials, signal, { fresh: true });
      if (user?.id !== identity.userId) {
        for (const connection of identity.connections) connection.end(CLOSE.sessionExpired);
        return;
      }
      this.#regroup(identity, user);
      await this.#checkObjects(identity);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CmsUnknownError))
        logger.error(errorFields(error), "A login could not be checked again.");
      const { least, most } = COME_BACK_MS;
      for (const connection of identity.connections) {
        connection.end(CLOSE.cmsUnknown, least + Math.random() * (most - least));
      }
    }
  }

  #regroup(identity: Identity, user: CmsUser): void {
    const topics = ownTopics(user);
    if (topics.join(" ") === identity.topics.join(" ")) return;
    const before = identity.topics;
    identity.topics = topics;
    for (const connection of identity.connections) connection.regrouped(before);
  }

  async #checkObjects(identity: Identity): Promise<void> {
    const topics = new Set<Topic>();
    for (const connection of identity.connections) {
      for (const topic of connection.objectTopics()) topics.add(topic);
    }
    for (const topic of topics) {
      const may = await this.#options.access
        .mayHold(identity, topic, { fresh: true })
        .catch((error: unknown) => {
          if (error instanceof CmsUnknownError) return true; // neither yes nor no: as it was
          throw error;
        });
      if (!may) for (const connection of identity.connections) connection.withdraw(topic);
    }
  }

  #nextCheck(): number {
    const { now, revalidateMs } = this.#options;
    return now() + revalidateMs * (0.8 + Math.random() * 0.4);
  }
}
