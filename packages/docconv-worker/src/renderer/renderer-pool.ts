/** Renderer processes that are started ahead, so that no document waits for one; each serves a few documents. */
import type { Sandbox } from "../sandbox.ts";
import { RendererProcess } from "./renderer-process.ts";

/** Options of {@link RendererPool}. */
export interface RendererPoolOptions {
  readonly sandbox: Sandbox;
  /** Processes that stand ready. */
  readonly size: number;
  /** Documents that one process opens before it is replaced: memory stays flat, and a hostile one sees few others. */
  readonly documentsEach: number;
}

interface Idle {
  readonly renderer: RendererProcess;
  readonly served: number;
}

/** Hands out renderer processes. */
export class RendererPool {
  readonly #options: RendererPoolOptions;
  readonly #idle: Idle[] = [];
  readonly #busy = new Set<RendererProcess>();
  #closed = false;

  constructor(options: RendererPoolOptions) {
    this.#options = options;
    this.#fill();
  }

  /** Runs `use` with a process of its own. A process that dies, or whose use throws, is replaced. */
  async use<Result>(use: (renderer: RendererProcess) => Promise<Result>): Promise<Result> {
    const lease = this.lease();
    try {
      const result = await use(lease.renderer);
      lease.release();
      return result;
    } catch (error) {
      lease.discard();
      throw error;
    }
  }

  /** A process of one's own until it is given back, or thrown away because something went wrong with it. */
  lease(): RendererLease {
    const { renderer, served } = this.#take();
    this.#busy.add(renderer);
    const discard = (): void => {
      this.#busy.delete(renderer);
      renderer.kill();
      this.#fill();
    };
    const release = (): void => {
      if (renderer.isDead || this.#closed || served + 1 >= this.#options.documentsEach) return discard();
      this.#busy.delete(renderer);
      this.#idle.push({ renderer, served: served + 1 });
      return undefined;
    };
    return { renderer, release, discard };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { renderer } of this.#idle) renderer.kill();
    for (const renderer of this.#busy) renderer.kill();
    this.#idle.length = 0;
  }

  #take(): Idle {
    for (let idle = this.#idle.shift(); idle; idle = this.#idle.shift()) {
      if (!idle.renderer.isDead) return idle;
    }
    return this.#start();
  }

  #fill(): void {
    while (!this.#closed && this.#idle.length + this.#busy.size < this.#options.size) {
      this.#idle.push(this.#start());
    }
  }

  #start(): Idle {
    return { renderer: new RendererProcess(this.#options.sandbox), served: 0 };
  }
}

/** A renderer process that is nobody else's. */
export interface RendererLease {
  readonly renderer: RendererProcess;
  release(): void;
  discard(): void;
}
