/** The worker's end of a renderer process: one request at a time, killed when it takes too long. */
import type { ChildProcess } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { DocconvError } from "../docconv-error.ts";
import { DocumentError } from "../document-error.ts";
import type { PooledProcess } from "../process-pool.ts";
import { killGroup, type Mount, type Sandbox } from "../sandbox.ts";
import { encodeFrameHead, type Frame, readFrames } from "./frames.ts";
import type { RendererAnswer, RendererRequest } from "./requests.ts";

// Node and wasm need 0.8 GB of address space that is writable at the least; pages and images the rest.
const LIMITS = { cpuSeconds: 3600, memoryBytes: 2_500_000_000, fileBytes: 0 };
const MAX_ANSWER_BYTES = 100_000_000;
const FILE_CHUNK_BYTES = 262_144;
const KEPT_STDERR = 2000;

/** The bytes that go with a request. */
export type RequestBody = Uint8Array | { readonly path: string; readonly size: number };

/** What is asked, for how long at most. */
export interface AskOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** One renderer process. After an error of its own it is dead and must be thrown away. */
export class RendererProcess implements PooledProcess {
  /** A folder that it can read, for what others write for it; deleted when it is killed. */
  readonly exchange: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncGenerator<Frame<RendererAnswer>>;
  /** Resolves when it can take requests. */
  readonly ready: Promise<void>;
  #stderr = "";
  #dead = false;

  /** @param folder where its exchange folder is made */
  constructor(sandbox: Sandbox, folder: string) {
    const { command, args, mounts } = programOf();
    this.exchange = mkdtempSync(join(folder, "renderer-"));
    const exchange = { source: this.exchange, target: this.exchange };
    this.#child = sandbox.start({ program: command, args, mounts: [...mounts, exchange], limits: LIMITS });
    this.#child.on("error", () => (this.#dead = true));
    this.#child.on("exit", () => (this.#dead = true));
    this.#child.stdin?.on("error", () => undefined); // it died; the answer that does not come says so
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_STDERR);
    });
    this.#answers = readFrames<RendererAnswer>(this.#child.stdout ?? Readable.from([]), MAX_ANSWER_BYTES);
    this.ready = this.#next({ timeoutMs: 30_000 }).then(() => undefined);
    this.ready.catch(() => undefined); // whoever asks sees it
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /**
   * @throws DocumentError for what is wrong with the document, `too-complex` for what takes too long or too much
   * @throws DocconvError `renderer-failed`
   */
  async ask(
    request: RendererRequest,
    body: RequestBody | undefined,
    options: AskOptions,
  ): Promise<Frame<RendererAnswer>> {
    await this.ready;
    const sending = this.#send(request, body);
    const [answer] = await Promise.all([this.#next(options), sending]);
    if (answer.header.type !== "failed") return answer;
    if (answer.header.problem) throw new DocumentError(answer.header.problem, answer.header.reason);
    throw new DocconvError("renderer-failed", `A page could not be rendered: ${answer.header.reason}.`);
  }

  kill(): void {
    this.#dead = true;
    killGroup(this.#child);
    rm(this.exchange, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined); // with the work folder
  }

  async #send(request: RendererRequest, body: RequestBody | undefined): Promise<void> {
    const { stdin } = this.#child;
    if (!stdin) return;
    const size = body === undefined ? 0 : "path" in body ? body.size : body.length;
    stdin.write(encodeFrameHead(request, size));
    if (body === undefined) return;
    if (!("path" in body)) {
      stdin.write(body);
      return;
    }
    for await (const chunk of createReadStream(body.path, { highWaterMark: FILE_CHUNK_BYTES })) {
      // When it dies the pipe closes, and the answer that does not come says so.
      await new Promise((resolve) => stdin.write(chunk, resolve));
      if (this.#dead) return;
    }
  }

  async #next({ timeoutMs, signal }: AskOptions): Promise<Frame<RendererAnswer>> {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, timeoutMs);
    const onAbort = (): void => this.kill();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      const { value } = await this.#answers.next();
      signal?.throwIfAborted();
      if (value) return value;
    } catch (cause) {
      this.kill();
      signal?.throwIfAborted();
      throw new DocconvError("renderer-failed", "The renderer answered something that is no answer.", {
        cause,
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
    this.kill();
    throw new DocumentError(
      "too-complex",
      timedOut ? `The renderer took longer than ${timeoutMs} ms.` : `The renderer died: ${this.#stderr}`,
    );
  }
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly mounts: readonly Mount[];
}

/** Node, this package and the packages that it needs: all that a renderer sees of the disk. */
function programOf(): Program {
  const here = fileURLToPath(import.meta.url);
  const program = join(dirname(here), here.endsWith(".ts") ? "program.ts" : "program.js");
  const packageRoot = dirname(dirname(dirname(here)));
  const folders = [dirname(process.execPath), packageRoot];
  for (let folder = packageRoot; folder !== dirname(folder); folder = dirname(folder)) {
    const modules = join(folder, "node_modules");
    if (existsSync(modules)) folders.push(modules);
  }
  return {
    command: process.execPath,
    args: ["--max-old-space-size=512", "--disable-warning=ExperimentalWarning", program],
    mounts: folders.map((folder) => ({ source: folder, target: folder })),
  };
}
