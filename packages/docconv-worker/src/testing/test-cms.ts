/** For tests: a small CMS over HTTP, with users by cookie, and documents that only some of them may see. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CmsClient, createCmsClient } from "cms-client";

/** A document of the test CMS. */
export interface TestDocument {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly mediaType?: string;
  /** User ids. */
  readonly readers: readonly string[];
}

/** A CMS on a port of its own. `__ac=<user>-ticket` is that user's cookie. */
export interface TestCms {
  readonly url: string;
  readonly client: CmsClient;
  /** By uid. */
  readonly documents: Map<string, TestDocument>;
  /** How often each document was fetched. */
  readonly downloads: string[];
  /** While set, every request is answered with this status. */
  outage: number | undefined;
  close(): Promise<void>;
}

/** Starts a CMS with the users jane, bob and eve. */
export async function startTestCms(): Promise<TestCms> {
  const documents = new Map<string, TestDocument>();
  const downloads: string[] = [];
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createCmsClient({
    baseUrl: url,
    adapter: { kind: "generic", url: "{site}/me", userId: "/id" },
    viewProbe: { uidUrl: "{site}/documents/{uid}" },
    cacheSeconds: 0,
    graceSeconds: 0,
  });
  const cms: TestCms = {
    url,
    client,
    documents,
    downloads,
    outage: undefined,
    async close() {
      await client.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return cms;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const user = /__ac=(jane|bob|eve)-ticket/.exec(request.headers.cookie ?? "")?.[1];
    const [, , uid = "", file] = (request.url ?? "").split("/");
    const document = documents.get(uid);
    if (cms.outage !== undefined) response.writeHead(cms.outage).end();
    else if (request.url === "/me") sendJson(response, user ? 200 : 401, { id: user ?? null });
    else if (!document) response.writeHead(404).end();
    else if (!user) response.writeHead(401).end();
    else if (!document.readers.includes(user)) response.writeHead(403).end();
    else if (file === undefined) sendJson(response, 200, { uid });
    else {
      downloads.push(uid);
      response.writeHead(200, {
        "content-type": document.mediaType ?? "application/octet-stream",
        "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(document.name)}`,
      });
      response.end(document.bytes);
    }
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
