/** `docconv-worker serve --run worker` as it is shipped, in a process of its own, and the intake that feeds it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCmsClient } from "cms-client";
import { createDocconv, type Docconv } from "docconv-worker";

const CREDENTIAL_KEY = "the key that seals the cookies of a benchmark";
const CLI = new URL("../../../packages/docconv-worker/src/cli.ts", import.meta.url).pathname;

/** Intake and workers that share a Redis and a folder. */
export class Site {
  readonly #redisUrl: string;
  readonly #viewUrl: string;
  readonly #folder: string;
  readonly #docconv: Docconv;
  readonly #workers = new Set<ChildProcess>();

  private constructor(redisUrl: string, viewUrl: string, folder: string, docconv: Docconv) {
    this.#redisUrl = redisUrl;
    this.#viewUrl = viewUrl;
    this.#folder = folder;
    this.#docconv = docconv;
  }

  static async start(redisUrl: string, viewUrl: string): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), "pat-push-bench-site-"));
    const docconv = await createDocconv({
      cms: createCmsClient({ baseUrl: viewUrl }),
      dataDir: folder,
      jobsSecret: "a secret that is not used here",
      redisUrl,
      credentialKey: CREDENTIAL_KEY,
      run: "api",
    });
    return new Site(redisUrl, viewUrl, folder, docconv);
  }

  /** Resolves when the job is acknowledged. */
  async enqueue(number: number): Promise<void> {
    await this.#docconv.enqueue({
      kind: "callback",
      id: `job-${number}`,
      key: `key-${number}`,
      user: "jane",
      task: `job-${number}`,
      cookie: "__ac=a-ticket-of-some-length-as-they-are-in-plone",
      authenticator: "a-token-of-plone-protect",
      url: `${this.#viewUrl}/@@task`,
    });
  }

  get counts(): Docconv["queue"]["counts"] {
    return () => this.#docconv.queue.counts();
  }

  /** Resolves when it takes jobs. */
  async startWorker(env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
    const worker = spawn(process.execPath, ["--conditions=push-source", CLI, "serve", "--run", "worker"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: "/usr/bin:/bin",
        REDIS_URL: this.#redisUrl,
        DOCCONV_CMS_URL: this.#viewUrl,
        DOCCONV_JOBS_SECRET: "a secret that is not used here",
        DOCCONV_CREDENTIAL_KEY: CREDENTIAL_KEY,
        DOCCONV_DATA_DIR: this.#folder,
        DOCCONV_CALLBACK_BASES: this.#viewUrl,
        ...env,
      },
    });
    this.#workers.add(worker);
    let output = "";
    for await (const chunk of worker.stdout as AsyncIterable<Buffer>) {
      output += chunk.toString();
      if (output.includes('"Started."')) break;
    }
    worker.stdout?.resume();
    return worker;
  }

  async kill(worker: ChildProcess): Promise<void> {
    this.#workers.delete(worker);
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const exited = once(worker, "exit");
    worker.kill("SIGKILL");
    await exited;
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await this.kill(worker);
    await this.#docconv.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
