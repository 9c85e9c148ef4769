/** One LibreOffice that is kept warm behind its driver: a request, an answer, killed when it takes too long. */
import type { ChildProcess } from "node:child_process";
import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DocconvError } from "../docconv-error.ts";
import { type DocumentProblem, DocumentError } from "../document-error.ts";
import type { PooledProcess } from "../process-pool.ts";
import { killGroup, type Sandbox } from "../sandbox.ts";
import type { LoadFilter } from "./load-filter.ts";
import { OfficeDiedError, type OfficeLimits } from "./office.ts";

// It needs 0.6 GB for 20 pages. The time of each document is limited by us, not by the life of the process.
const LIMITS = { cpuSeconds: 24 * 3600, memoryBytes: 2_000_000_000, fileBytes: 500_000_000 };
const START_TIMEOUT_MS = 60_000;
const MAX_RESIDENT_BYTES = 600_000_000;
const KEPT_STDERR = 2000;
const DRIVER = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "src", "offices", "driver.py");

interface Answer {
  readonly ready?: number;
  readonly pageCount?: number;
  readonly done?: number;
  /** Resident memory of LibreOffice, in bytes. */
  readonly resident?: number;
  readonly problem?: DocumentProblem;
  readonly reason?: string;
}

type Request =
  | { readonly open: string; readonly filter: string; readonly filterOptions: string | null }
  | { readonly export: string; readonly pages: string | null }
  | { readonly close: true };

/** Options of {@link OfficeProcess}. */
export interface OfficeProcessOptions {
  readonly sandbox: Sandbox;
  /** soffice's path. */
  readonly soffice: string;
  /** A new folder of its own; it is deleted with the process. */
  readonly directory: string;
  /** Memory that it does not give back after a document: with more it is replaced. Default: 600,000,000 bytes. */
  readonly maxResidentBytes?: number | undefined;
}

/** One document at a time. */
export class OfficeProcess implements PooledProcess {
  readonly #directory: string;
  readonly #child: Promise<ChildProcess>;
  readonly #jobInside: string;
  readonly #maxResidentBytes: number;
  readonly #waiting: ((answer: Answer | undefined) => void)[] = [];
  #stderr = "";
  #dead = false;
  #hanging = false;
  #worn = false;

  constructor(options: OfficeProcessOptions) {
    const { sandbox, directory } = options;
    this.#directory = directory;
    this.#maxResidentBytes = options.maxResidentBytes ?? MAX_RESIDENT_BYTES;
    const job = { source: join(directory, "job"), target: "/job", writable: true };
    this.#jobInside = sandbox.pathInside(job);
    this.#child = this.#start(options, job);
    this.#child.catch(() => (this.#dead = true));
  }

  get isDead(): boolean {
    return this.#dead || this.#worn;
  }

  /** @returns pages that the document prints on @throws DocumentError */
  async open(path: string, extension: string, filter: LoadFilter, limits: OfficeLimits): Promise<number> {
    const name = `document${extension}`;
    await this.#child;
    // A copy: what LibreOffice can write to is nobody else's.
    await copyFile(path, join(this.#directory, "job", name));
    const request = { open: this.#inside(name), filter: filter.name, filterOptions: filter.options ?? null };
    const { pageCount } = await this.#ask(request, limits);
    return pageCount ?? 0;
  }

  /** @throws DocumentError */
  async exportPdf(pages: string | undefined, target: string, limits: OfficeLimits): Promise<void> {
    await this.#ask({ export: this.#inside("out.pdf"), pages: pages ?? null }, limits);
    await rename(join(this.#directory, "job", "out.pdf"), target);
  }

  /** Forgets the document, and everything that its conversion left. @throws DocumentError */
  async closeDocument(limits: OfficeLimits): Promise<void> {
    const { resident = 0 } = await this.#ask({ close: true }, limits);
    this.#worn = resident > this.#maxResidentBytes;
    // What is in it, not the folder: that is mounted into the sandbox.
    const job = join(this.#directory, "job");
    const names = await readdir(job);
    await Promise.all(names.map((name) => rm(join(job, name), { recursive: true, force: true })));
  }

  kill(): void {
    this.#dead = true;
    void this.#child
      .then(killGroup, () => undefined)
      .then(() => rm(this.#directory, { recursive: true, force: true, maxRetries: 3 }))
      .catch(() => undefined); // the next start sweeps
  }

  async #start(
    { sandbox, soffice, directory }: OfficeProcessOptions,
    job: { source: string; target: string; writable: boolean },
  ): Promise<ChildProcess> {
    await mkdir(job.source, { recursive: true, mode: 0o700 });
    const driver = { source: DRIVER, target: "/driver.py" };
    const home = sandbox.isolates ? "/tmp" : directory;
    const child = sandbox.start({
      program: "/usr/bin/python3",
      args: [sandbox.pathInside(driver), soffice, join(home, "profile")],
      mounts: [driver, job],
      limits: LIMITS,
      environment: { HOME: home, TMPDIR: home },
    });
    child.once("error", () => this.#ended());
    child.once("exit", () => this.#ended());
    child.stdin?.on("error", () => undefined); // it died, and #ended says so
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_STDERR);
    });
    if (child.stdout) {
      createInterface({ input: child.stdout }).on("line", (line) => this.#waiting.shift()?.(parse(line)));
    }
    const ready = await this.#next(child, START_TIMEOUT_MS);
    if (ready) return child;
    killGroup(child);
    throw new DocconvError("office-failed", `LibreOffice does not start: ${this.#stderr.slice(-500)}`, {
      retryable: true,
    });
  }

  async #ask(request: Request, { timeoutMs, signal }: OfficeLimits): Promise<Answer> {
    signal.throwIfAborted();
    const child = await this.#child;
    const onAbort = (): void => this.kill();
    signal.addEventListener("abort", onAbort);
    try {
      child.stdin?.write(`${JSON.stringify(request)}\n`);
      const answer = await this.#next(child, timeoutMs);
      signal.throwIfAborted();
      if (!answer && this.#hanging) throw new DocumentError("too-complex", `It took over ${timeoutMs} ms.`);
      if (!answer) throw new OfficeDiedError(this.#stderr.slice(-500));
      if (answer.problem) throw new DocumentError(answer.problem, answer.reason ?? "");
      return answer;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Undefined if there is none in time, or the process ends. */
  async #next(child: ChildProcess, timeoutMs: number): Promise<Answer | undefined> {
    if (this.#dead) return undefined;
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    this.#waiting.push(resolve);
    const timer = setTimeout(() => {
      this.#hanging = true;
      killGroup(child);
    }, timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #ended(): void {
    this.#dead = true;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  #inside(name: string): string {
    return `${this.#jobInside}/${name}`;
  }
}

/** Undefined for what is no answer: the driver does not say such things. */
function parse(line: string): Answer | undefined {
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return undefined;
  }
}
