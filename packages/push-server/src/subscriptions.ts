/** The object topics of one connection: asked of the CMS, held while it shows the object, dropped when it does not. */
import { isSubscribable, type Topic } from "push-protocol";
import type { Identity } from "./identity.ts";
import { errorFields, type Logger } from "./logger.ts";
import type { ObjectAccess } from "./object-access.ts";

export class Subscriptions {
  /** Held (true), or being asked about. */
  readonly #topics = new Map<Topic, boolean>();

  get size(): number {
    return this.#topics.size;
  }

  /** True: held; false: its answer is on the way; undefined: neither. */
  state(topic: Topic): boolean | undefined {
    return this.#topics.get(topic);
  }

  *held(): Iterable<Topic> {
    for (const [topic, held] of this.#topics) if (held) yield topic;
  }

  /** Whether the CMS shows the topic's object; undefined if nobody waits for the answer any more. */
  async ask(
    topic: Topic,
    identity: Identity,
    { access, logger }: { readonly access: ObjectAccess; readonly logger: Logger },
  ): Promise<boolean | undefined> {
    if (!isSubscribable(topic)) return false;
    this.#topics.set(topic, false);
    const wanted = (): boolean => this.#topics.has(topic);
    const may = await access.settle(identity, topic, wanted).catch((error: unknown) => {
      logger.warn(errorFields(error), "The CMS cannot be asked about an object; its topic is refused.");
      return false;
    });
    return wanted() ? may : undefined;
  }

  hold(topic: Topic): void {
    this.#topics.set(topic, true);
  }

  /** Whether it was there. */
  drop(topic: Topic): boolean {
    return this.#topics.delete(topic);
  }

  clear(): void {
    this.#topics.clear();
  }
}
