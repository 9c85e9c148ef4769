/** What the pages under test are served and fed by: files from npm, the real push server, and a bare WebSocket for the peers. */
import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCmsClient } from "cms-client";
import type { Message } from "push-protocol";
import { createPushServer, type PushServer } from "push-server";
import { WebSocketServer } from "ws";
import { buildAddOn } from "./add-on.ts";

const require = createRequire(import.meta.url);
const packageFolder = (name: string) => dirname(require.resolve(`${name}/package.json`));

/** Where scripts come from, by the first part of their path. */
export const FOLDERS: Readonly<Record<string, () => string>> = {
  patternslib: () => join(packageFolder("@patternslib/patternslib"), "dist"),
  turbo: () => join(packageFolder("@hotwired/turbo"), "dist"),
  htmx: () => join(packageFolder("htmx.org"), "dist"),
  "htmx-ws": () => packageFolder("htmx-ext-ws"),
  idiomorph: () => dirname(fileURLToPath(import.meta.resolve("idiomorph"))),
  morphdom: () => join(packageFolder("morphdom"), "dist"),
};

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".map": "application/json",
};

export class BenchSite {
  readonly url: string;
  readonly push: PushServer;
  /** HTML that a path answers. */
  readonly pages: Map<string, string> = new Map();
  /** WebSockets that the push server took, ever. */
  sessions = 0;
  #rows: Iterator<string> = [].values();
  readonly #peers: WebSocketServer;
  readonly #owned: AsyncDisposableStack;

  private constructor(url: string, push: PushServer, peers: WebSocketServer, owned: AsyncDisposableStack) {
    this.url = url;
    this.push = push;
    this.#peers = peers;
    this.#owned = owned;
  }

  /** Whoever has the cookie `session` is the user whom it names. Builds the add-on first, as it is published. */
  static async start(): Promise<BenchSite> {
    await using owned = new AsyncDisposableStack();
    const addOn = await buildAddOn();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    owned.defer(() => {
      server.close();
      server.closeAllConnections();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cms = createCmsClient({
      baseUrl: `${url}/cms`,
      adapter: { kind: "generic", url: "{site}/whoami", userId: "/id" },
    });
    owned.defer(() => cms.close());
    const push = await createPushServer({ cms, cookieNames: ["session"] });
    owned.defer(() => push.close(0));
    const peers = new WebSocketServer({ noServer: true });
    const site = new BenchSite(url, push, peers, owned.move());
    server.on("request", (request, response) => {
      if (push.handle(request, response)) return;
      site.#answer(request, response, addOn);
    });
    server.on("upgrade", (request, socket, head) => {
      if (push.handleUpgrade(request, socket, head)) {
        site.sessions += 1;
        return;
      }
      peers.handleUpgrade(request, socket, head, () => undefined);
    });
    return site;
  }

  /** Through the real push server, to all who are connected. */
  async publish(messages: readonly Message[]): Promise<void> {
    for (const message of messages) await this.push.publish(message);
  }

  /** To all pages of peers, over a WebSocket with nothing around it. */
  sendToPeers(texts: readonly string[]): void {
    for (const client of this.#peers.clients) for (const text of texts) client.send(text);
  }

  /** What `/row` answers, one after the other. */
  set rows(rows: readonly string[]) {
    this.#rows = rows.values();
  }

  async close(): Promise<void> {
    for (const client of this.#peers.clients) client.terminate();
    await this.#owned.disposeAsync();
  }

  #answer(request: IncomingMessage, response: ServerResponse, addOn: ReadonlyMap<string, string>): void {
    const path = new URL(request.url ?? "/", this.url).pathname;
    const [, folder = "", file = ""] = /^\/([\w-]+)\/([\w./-]*)$/.exec(path) ?? [];
    const page = path === "/row" ? (this.#rows.next().value as string) : this.pages.get(path);
    if (page !== undefined) {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    } else if (folder === "cms") {
      const user = /session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
      const found = user === undefined ? 401 : 200;
      response.writeHead(found, { "content-type": "application/json" }).end(JSON.stringify({ id: user }));
    } else if (folder === "pat-push") {
      response.writeHead(200, { "content-type": "text/javascript" }).end(addOn.get(file));
    } else if (FOLDERS[folder] && !file.includes("..")) {
      response.writeHead(200, { "content-type": MEDIA_TYPES[extname(file)] ?? "application/octet-stream" });
      createReadStream(join(FOLDERS[folder](), file))
        .on("error", () => response.destroy())
        .pipe(response);
    } else {
      response.writeHead(404).end();
    }
  }
}
