/** Bounds what the CMS is asked at once, and how many questions wait for their turn, and for how long. */
import pLimit, { type LimitFunction } from "p-limit";
import { CmsUnknownError } from "./cms-error.ts";

export interface QuestionQueueOptions {
  /** Questions to the CMS at once. */
  readonly maxConcurrent: number;
  /** Questions that wait for their turn; one more is refused. */
  readonly maxWaiting: number;
  /** How long a question waits for its turn, in milliseconds. */
  readonly maxWaitMs: number;
  /** Whose turn it is here then waits for its turn there. */
  readonly behind?: QuestionQueue;
}

export class QuestionQueue {
  readonly #options: QuestionQueueOptions;
  readonly #limit: LimitFunction;

  constructor(options: QuestionQueueOptions) {
    this.#options = options;
    this.#limit = pLimit(options.maxConcurrent);
  }

  /**
   * Asks when it is this question's turn, first come, first served.
   * @param stillWanted asked just before; a question that nobody waits for any more is not put to the CMS
   * @throws CmsUnknownError if too many wait, or it waited too long
   */
  async add<T>(question: () => Promise<T>, stillWanted: () => boolean): Promise<T> {
    if (this.#limit.pendingCount >= this.#options.maxWaiting) {
      throw new CmsUnknownError(
        `${this.#options.maxWaiting} questions to the CMS are waiting already: it is too slow for what it is asked. ` +
          "Raise maxConcurrentProbes or cacheSeconds if it can answer more.",
      );
    }
    const addedAt = performance.now();
    return this.#limit(async () => {
      if (!stillWanted()) throw new CmsUnknownError("Nobody waits for the answer any more.");
      if (performance.now() - addedAt > this.#options.maxWaitMs) {
        throw new CmsUnknownError(
          `A question to the CMS waited ${this.#options.maxWaitMs} ms for its turn: the CMS is too slow, or away.`,
        );
      }
      const { behind } = this.#options;
      return behind === undefined ? question() : behind.add(question, stillWanted);
    });
  }
}
