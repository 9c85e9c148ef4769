/** Our side: the whole worker, warm, from the job to the pages in the store; and how long each of that took. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { createCmsClient } from "cms-client";
import { createDocconv } from "docconv-worker";
import type { ConversionTimes } from "./docsplit.ts";

export interface BenchWorker {
  /** As often as one likes: nothing is taken from an earlier conversion. */
  convert(file: string, pages: number): Promise<ConversionTimes>;
  close(): Promise<void>;
}

interface Waiting {
  readonly pages: number;
  readonly started: number;
  firstMs: number;
  readonly resolve: (times: ConversionTimes) => void;
  readonly reject: (error: Error) => void;
}

/** Behind an HTTP server that plays the CMS: the document is fetched as in earnest. */
export async function startWorker(folder: string, pageLimit: number): Promise<BenchWorker> {
  const documents = new Map<string, Buffer>();
  const cms = createServer((request, response) => {
    if (request.url === "/me") response.setHeader("content-type", "application/json").end('{"id":"jane"}');
    else response.end(documents.get(request.url ?? ""));
  }).listen(0, "127.0.0.1");
  await once(cms, "listening");
  const url = `http://127.0.0.1:${(cms.address() as AddressInfo).port}`;
  const client = createCmsClient({
    baseUrl: url,
    adapter: { kind: "generic", url: "{site}/me", userId: "/id" },
  });
  const waiting = new Map<string, Waiting>();
  const docconv = await createDocconv({
    cms: client,
    dataDir: join(folder, "docconv"),
    jobsSecret: "nothing comes by HTTP here",
    concurrency: 1,
    pageLimit,
    convertTimeoutMs: 600_000,
    publisher: { publish: async ({ key = "", kind, html = "", url: href }) => hear(key, kind, html, href) },
  });
  let uploads = 0;

  /** Page 1 is announced when it stands in the store at every scale. */
  function hear(key: string, kind: string | undefined, html: string, href: string | undefined): void {
    const upload = waiting.get(key);
    if (!upload) return;
    const ms = performance.now() - upload.started;
    const hasPage = html.includes("<figure") || href !== undefined;
    if (Number.isNaN(upload.firstMs) && hasPage) upload.firstMs = ms;
    if (kind === "failed") upload.reject(new Error(`${key} failed: ${html}`));
    if (kind === "done") upload.resolve({ firstMs: upload.firstMs, totalMs: ms });
  }

  return {
    async convert(file, pages) {
      uploads += 1;
      const uid = `upload-${uploads}`;
      const path = `/${uid}/${basename(file)}`;
      documents.set(path, await readFile(file));
      const { promise, resolve, reject } = Promise.withResolvers<ConversionTimes>();
      const key = `preview:${uid}`;
      waiting.set(key, { pages, started: performance.now(), firstMs: Number.NaN, resolve, reject });
      const document = { uid, url: `${url}/${uid}`, download: url + path };
      await docconv.enqueue({ kind: "docconv", user: "jane", cookie: "__ac=x", document, force: true });
      const times = await promise;
      const { pages: made } = await docconv.previews.status(uid);
      if (made !== pages) throw new Error(`${file}: ${made} pages instead of ${pages}.`);
      waiting.delete(key);
      documents.delete(path);
      return times;
    },
    async close() {
      await docconv.close();
      await client.close();
      cms.closeAllConnections();
      cms.close();
    },
  };
}
