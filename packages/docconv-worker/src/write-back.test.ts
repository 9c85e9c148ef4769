import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type CmsClient, createCmsClient } from "cms-client";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { samplePdf } from "./testing/sample-pdf.ts";
import { NO_OFFICE, startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";

interface HeldImage {
  readonly filename: string;
  readonly data: string;
}

/** As much of Plone as a write-back meets; like one without our add-on it enqueues a job at every change. */
interface SmallPlone {
  readonly url: string;
  readonly client: CmsClient;
  readonly jobs: string[];
  image: HeldImage | null;
  locked: boolean;
  onModified: () => void;
  close(): Promise<void>;
}

async function startPlone(): Promise<SmallPlone> {
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const { method, url = "", headers } = request;
    const body = (await buffer(request)).toString();
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (!headers.cookie?.includes("__ac=jane-ticket")) return json(401, {});
    if (url === "/@@push-whoami") return json(200, { userid: "jane", groups: [] });
    if (url === "/plan/@@download/file") return response.end(samplePdf(2));
    if (method === "GET") return json(200, { preview_image: plone.image, lock: { locked: plone.locked } });
    plone.image = (JSON.parse(body) as { preview_image: HeldImage }).preview_image;
    plone.jobs.push(String(headers["x-push-job"]));
    plone.onModified();
    return response.writeHead(204).end();
  };
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createCmsClient({ baseUrl: url, cacheSeconds: 0, graceSeconds: 0 });
  const plone: SmallPlone = {
    url,
    client,
    jobs: [],
    image: null,
    locked: false,
    onModified: () => undefined,
    async close() {
      await client.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return plone;
}

describe("the first page of a document", () => {
  let plone: SmallPlone;
  let test: TestDocconv;
  let ids: string[];

  beforeEach(async () => {
    ids = [];
    plone = await startPlone();
    test = await startTestDocconv({
      cms: plone.client,
      soffice: NO_OFFICE,
      writeBack: { field: "preview_image" },
      writeBackAttempts: { attempts: 5, backoffMs: 200, backoffDoubles: false },
    });
  });
  afterEach(async () => {
    await test.close();
    await plone.close();
  });

  async function convert(): Promise<void> {
    const { id } = await test.jobs.enqueue({
      kind: "docconv",
      user: "jane",
      cookie: "__ac=jane-ticket",
      document: { uid: "plan", url: `${plone.url}/plan`, download: `${plone.url}/plan/@@download/file` },
    });
    ids.push(id);
  }

  it("goes into its object in Plone as the user, once, though each change there is a new job", async () => {
    plone.onModified = () => void convert();
    await convert();
    await vi.waitFor(() => expect(ids).toHaveLength(2), { timeout: 30_000 });
    await vi.waitFor(async () => {
      const states = await Promise.all(ids.map(async (id) => (await test.docconv.queue.status(id))?.state));
      expect(states).toEqual(["completed", "completed"]);
    }, 30_000);
    // A job that were to follow would stand on the queue before the second one counts as completed.
    expect(await test.docconv.queue.counts()).toMatchObject({ waiting: 0, active: 0 });
    expect(plone.jobs).toHaveLength(1);
    expect(plone.image?.filename).toBe("docconv-first-page.webp");
    const metadata = await sharp(Buffer.from(plone.image?.data ?? "", "base64")).metadata();
    expect(metadata).toMatchObject({ format: "webp", width: 1000 });
  });

  it("waits while somebody edits the object", async () => {
    plone.locked = true;
    await convert();
    await test.announced("plan", "done");
    setTimeout(() => (plone.locked = false), 500);
    await vi.waitFor(() => expect(plone.jobs).toHaveLength(1), { timeout: 30_000 });
    expect(await test.docconv.previews.status("plan")).toMatchObject({ status: "succeeded" });
  });

  it("leaves an image alone that somebody chose", async () => {
    plone.image = { filename: "holiday.jpg", data: "" };
    await convert();
    await test.announced("plan", "done");
    await vi.waitFor(() =>
      expect(test.docconv.queue.counts()).resolves.toMatchObject({ waiting: 0, active: 0 }),
    );
    expect(plone.image.filename).toBe("holiday.jpg");
    expect(plone.jobs).toEqual([]);
  });
});
