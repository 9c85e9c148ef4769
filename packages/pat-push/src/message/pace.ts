/** Work in its order, a little per frame: a thousand messages at once must not freeze the page. */

/** Of each frame of a page that is shown, in milliseconds: half of what there is at 60 Hz. */
const BUDGET_MS = 8;
const FRAME_MS = 16;
/** At a stretch in a flood and in a hidden page: with the painting after it, below the 200 ms in which a page should answer. */
const MAX_BUDGET_MS = 80;
/** A flood is what takes longer than this, in milliseconds. */
const FLOOD_MS = 50;
/** When no frame comes, in milliseconds: the page was hidden meanwhile, or its window is covered. */
const FRAME_PATIENCE_MS = 50;

/** What comes alone is done at once; what comes thick and fast is spread over frames. */
export class Pace<T> {
  readonly #work: (item: T) => void | Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #budgetMs: number;
  /** A timer would wait for a second in a hidden page, a message does not. */
  readonly #now = new MessageChannel();
  #queue: T[] = [];
  #frameBegan = Number.NEGATIVE_INFINITY;
  #spentMs = 0;
  /** Of one item, in milliseconds, as the last ones were. */
  #costMs = 0;
  /** Since there was a flood, something has been waiting. */
  #flooded = false;
  /** `#run` is at work, or something will call it. */
  #due = false;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param work what comes next waits for the promise that it may return
   * @param budgetMs of each frame; Infinity: all at once
   */
  constructor(
    work: (item: T) => void | Promise<void>,
    failed: (error: unknown) => void,
    budgetMs: number = BUDGET_MS,
  ) {
    this.#work = work;
    this.#failed = failed;
    this.#budgetMs = budgetMs;
    this.#now.port1.addEventListener("message", () => this.#run());
    this.#now.port1.start();
  }

  add(item: T): void {
    this.#queue.push(item);
    if (!this.#due) this.#run();
    // A frame would be a long time to wait for what has become a flood meanwhile.
    else if (this.#frame && this.#isHurrying()) this.#schedule();
  }

  close(): void {
    this.#queue = [];
    this.#cancel();
    this.#now.port1.close();
  }

  #run(): void {
    this.#cancel();
    this.#due = true;
    const began = performance.now();
    if (began - this.#frameBegan >= FRAME_MS) {
      this.#frameBegan = began;
      this.#spentMs = 0;
    }
    const budget = this.#isHurrying() ? Math.max(MAX_BUDGET_MS, this.#budgetMs) : this.#budgetMs;
    let index = 0;
    let waiting: Promise<void> | undefined;
    for (; index < this.#queue.length && !waiting; index += 1) {
      const spent = this.#spentMs + performance.now() - began;
      if (spent > budget) break;
      const result = this.#do(this.#queue[index] as T);
      if (result instanceof Promise) waiting = result;
    }
    const tookMs = performance.now() - began;
    this.#spentMs += tookMs;
    if (index > 0) this.#costMs = tookMs / index;
    this.#queue = this.#queue.slice(index);
    this.#flooded &&= this.#queue.length > 0;
    if (waiting) void waiting.catch(this.#failed).finally(() => this.#run());
    else if (this.#queue.length > 0) this.#schedule();
    else this.#due = false;
  }

  /** Nobody looks, or frames alone would be too slow: then it goes on in slices, between which the browser does the rest. */
  #isHurrying(): boolean {
    this.#flooded ||= this.#queue.length * this.#costMs > FLOOD_MS;
    return document.hidden || this.#flooded;
  }

  #do(item: T): void | Promise<void> {
    try {
      return this.#work(item);
    } catch (error) {
      return this.#failed(error);
    }
  }

  #schedule(): void {
    this.#cancel();
    if (this.#isHurrying()) {
      this.#now.port2.postMessage(undefined);
    } else {
      this.#frame = requestAnimationFrame(() => this.#run());
      this.#timer = setTimeout(() => this.#run(), FRAME_PATIENCE_MS);
    }
  }

  #cancel(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    clearTimeout(this.#timer);
  }
}
