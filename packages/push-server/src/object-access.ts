/** Who may hold an object's topic: those to whom the CMS shows the object. */
import { CmsUnknownError, type CmsClient } from "cms-client";
import { isSubscribable, topicObject, type Topic } from "push-protocol";
import type { Identity } from "./identity.ts";

/** How long until the CMS is asked again when it did not answer. */
const RETRY_MS = 5000;

export class ObjectAccess {
  readonly #cms: CmsClient;
  readonly #retryMs: number;

  constructor(cms: CmsClient, retryMs: number = RETRY_MS) {
    this.#cms = cms;
    this.#retryMs = retryMs;
  }

  /** Whether the CMS shows it to them. @throws CmsUnknownError */
  async mayHold(identity: Identity, topic: Topic, options?: { readonly fresh: boolean }): Promise<boolean> {
    const object = topicObject(topic);
    if (object === undefined || !isSubscribable(topic)) return false;
    return await this.#cms.mayView(identity.credentials, object, undefined, options);
  }

  /** As {@link mayHold}, but asks until the CMS says; undefined if `wanted` became false meanwhile. */
  async settle(identity: Identity, topic: Topic, wanted: () => boolean): Promise<boolean | undefined> {
    while (wanted()) {
      try {
        return await this.mayHold(identity, topic);
      } catch (error) {
        if (!(error instanceof CmsUnknownError)) throw error;
        await new Promise((resolve) =>
          setTimeout(resolve, this.#retryMs * (0.75 + Math.random() / 2)).unref(),
        );
      }
    }
    return undefined;
  }
}
