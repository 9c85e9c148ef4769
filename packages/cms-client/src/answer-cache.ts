/** Between callers and the CMS: one question in flight per key, answers kept for seconds, a bound on all. */
import { LRUCache } from "lru-cache";
import type { AskOptions } from "./cms-client.ts";
import { CmsUnknownError } from "./cms-error.ts";
import type { QuestionQueue } from "./question-queue.ts";

export interface AnswerCacheOptions<T> {
  readonly cacheSeconds: number;
  /** How long after the CMS last gave it a positive answer stands in while the CMS is unknown. */
  readonly graceSeconds: number;
  readonly maxEntries: number;
  /** Which answers are positive: only these have a grace. */
  readonly isPositive: (answer: T) => boolean;
}

interface Entry<T> {
  readonly answer: T;
  /** When the CMS said so. */
  readonly saidAt: number;
  /** When to ask again; later than the answer is old, after an attempt that failed. */
  readonly askAgainAt: number;
}

interface Flight<T> {
  readonly answer: Promise<T>;
  waiting: number;
}

export class AnswerCache<T> {
  readonly #options: AnswerCacheOptions<T>;
  readonly #queue: QuestionQueue;
  readonly #entries: LRUCache<string, Entry<T>>;
  readonly #flights = new Map<string, Flight<T>>();

  constructor(queue: QuestionQueue, options: AnswerCacheOptions<T>) {
    this.#queue = queue;
    this.#options = options;
    this.#entries = new LRUCache({ max: options.maxEntries });
  }

  /**
   * The answer from the cache, from the question that is in flight, or from the CMS.
   * @param question asked at most once at a time per key; it belongs to all who wait, so it gets no one's signal
   * @throws CmsUnknownError without an answer that still has its grace
   */
  async ask(
    key: string,
    question: () => Promise<T>,
    signal?: AbortSignal,
    { fresh = false }: AskOptions = {},
  ): Promise<T> {
    signal?.throwIfAborted();
    const entry = this.#entries.get(key);
    if (!fresh && entry !== undefined && performance.now() < entry.askAgainAt) return entry.answer;
    const flight = this.#flights.get(key) ?? this.#depart(key, question);
    flight.waiting += 1;
    try {
      return await abortable(flight.answer, signal);
    } finally {
      flight.waiting -= 1;
    }
  }

  #depart(key: string, question: () => Promise<T>): Flight<T> {
    const flight: Flight<T> = {
      waiting: 0,
      answer: this.#queue
        .add(question, () => flight.waiting > 0 || this.#cancel(key))
        .then(
          (answer) => this.#keep(key, answer),
          (error: unknown) => this.#keptInGrace(key, error),
        )
        .finally(() => this.#flights.get(key) === flight && this.#flights.delete(key)),
    };
    this.#flights.set(key, flight);
    flight.answer.catch(() => {}); // whoever waited may have left
    return flight;
  }

  /** At once, so that nobody joins a question that will not be asked. */
  #cancel(key: string): false {
    this.#flights.delete(key);
    return false;
  }

  #keep(key: string, answer: T): T {
    const now = performance.now();
    this.#entries.set(key, { answer, saidAt: now, askAgainAt: now + this.#options.cacheSeconds * 1000 });
    return answer;
  }

  /** The CMS is away: who was known stays, and is not asked about on every request meanwhile. */
  #keptInGrace(key: string, error: unknown): T {
    const entry = this.#entries.get(key);
    if (!(error instanceof CmsUnknownError) || entry === undefined) throw error;
    const now = performance.now();
    const graceEndsAt = entry.saidAt + this.#options.graceSeconds * 1000;
    if (now >= graceEndsAt || !this.#options.isPositive(entry.answer)) throw error;
    const askAgainAt = Math.min(now + this.#options.cacheSeconds * 1000, graceEndsAt);
    this.#entries.set(key, { ...entry, askAgainAt });
    return entry.answer;
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
