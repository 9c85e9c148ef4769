/** For tests: a whole docconv over HTTP, with a CMS beside it and a record of what is announced. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "push-protocol";
import { vi } from "vitest";
import { createDocconv, type Docconv, type DocconvOptions } from "../docconv.ts";
import type { DocconvJob } from "../job.ts";
import { createJobClient, type JobClient } from "../job-client.ts";
import { startTestCms, type TestCms, type TestDocument } from "./test-cms.ts";

/** Everything that a test of the whole path needs. */
export interface TestDocconv {
  readonly url: string;
  readonly cms: TestCms;
  readonly docconv: Docconv;
  readonly jobs: JobClient;
  readonly dataDir: string;
  /** In the order of their publication. */
  readonly messages: Message[];
  /** Puts a document into the CMS, readable by jane and bob, and its job on the queue. */
  upload(uid: string, document: Omit<TestDocument, "readers">, job?: Partial<DocconvJob>): Promise<string>;
  /** The first message of this kind about this document. @param timeoutMs default 45,000 */
  announced(uid: string, kind: string, timeoutMs?: number): Promise<Message>;
  /** GET as a user. */
  get(path: string, user?: string): Promise<Response>;
  close(): Promise<void>;
}

/** The secret of every test's intake. */
export const TEST_SECRET = "a secret that the CMS and the intake share";

/** As `soffice`: no LibreOffice, for tests that need none. */
export const NO_OFFICE = "/nonexistent/soffice";

/** Starts it on a free port, with one LibreOffice. */
export async function startTestDocconv(options: Partial<DocconvOptions> = {}): Promise<TestDocconv> {
  const cms = await startTestCms();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "docconv-test-")));
  const messages: Message[] = [];
  const docconv = await createDocconv({
    cms: cms.client,
    publisher: { publish: async (message) => void messages.push(message) },
    dataDir,
    jobsSecret: TEST_SECRET,
    officeProcesses: 1,
    ...options,
  });
  const server = createServer((request, response) => {
    if (!docconv.handle(request, response)) response.writeHead(404).end("not docconv's");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const jobs = createJobClient({ url, secret: TEST_SECRET });
  return {
    url,
    cms,
    docconv,
    jobs,
    dataDir,
    messages,
    async upload(uid, document, job = {}) {
      cms.documents.set(uid, { ...document, readers: ["jane", "bob"] });
      const { id } = await jobs.enqueue({
        kind: "docconv",
        user: "jane",
        cookie: "theme=dark; __ac=jane-ticket",
        document: { uid, url: `${cms.url}/documents/${uid}`, download: `${cms.url}/documents/${uid}/file` },
        ...job,
      });
      return id;
    },
    announced: (uid, kind, timeoutMs = 45_000) =>
      vi.waitFor(
        () => {
          const message = messages.find((each) => each.key === `preview:${uid}` && each.kind === kind);
          if (!message) throw new Error(`No ${kind} for ${uid}: ${JSON.stringify(messages.at(-1))}`);
          return message;
        },
        { timeout: timeoutMs, interval: 5 },
      ),
    get: (path, user) => fetch(url + path, { headers: user ? { cookie: `__ac=${user}-ticket` } : {} }),
    async close() {
      await docconv.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await cms.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
