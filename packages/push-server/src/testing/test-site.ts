/** A whole site for tests: a CMS, a push server in a Node server, and its visitors; all of it ends with the test. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { CmsClient, CmsClientOptions } from "cms-client";
import type { HelloFrame } from "push-protocol";
import { onTestFinished } from "vitest";
import { createPushServer, type PushServer, type PushServerOptions } from "../push-server.ts";
import { TestClient } from "./test-client.ts";
import { TestCms } from "./test-cms.ts";

export const PUBLISH_SECRET = "a publish secret of the tests";

export interface TestSiteOptions extends Partial<PushServerOptions> {
  /** A CMS that other sites of the test ask too. */
  readonly testCms?: TestCms;
  readonly cmsOptions?: Partial<CmsClientOptions>;
}

export class TestSite {
  readonly cms: TestCms;
  readonly push: PushServer;
  readonly server: Server;
  readonly #cmsClient: CmsClient;
  readonly #clients: TestClient[] = [];
  readonly #ownCms: boolean;
  #closed: Promise<void> | undefined;

  private constructor(cms: TestCms, ownCms: boolean, cmsClient: CmsClient, push: PushServer, server: Server) {
    this.cms = cms;
    this.#ownCms = ownCms;
    this.#cmsClient = cmsClient;
    this.push = push;
    this.server = server;
  }

  static async start({ testCms, cmsOptions, ...options }: TestSiteOptions = {}): Promise<TestSite> {
    const cms = testCms ?? (await TestCms.start());
    if (!testCms) for (const id of ["jane", "john", "mallory"]) cms.addUser(id, [`${id}s-group`]);
    const cmsClient = cms.client(cmsOptions);
    const push = await createPushServer({ cms: cmsClient, publishSecret: PUBLISH_SECRET, ...options });
    const server = createServer((_request, response) => {
      response.writeHead(200).end("the site's own page");
    });
    push.attach(server);
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const site = new TestSite(cms, !testCms, cmsClient, push, server);
    onTestFinished(() => site.close());
    return site;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A request as a page of the site makes it. */
  async fetch(path: string, init: RequestInit & { readonly user?: string } = {}): Promise<Response> {
    const { user, headers, ...rest } = init;
    const own = new Headers(headers);
    if (user !== undefined) own.set("Cookie", `__ac=${user}`);
    if (!own.has("Origin")) own.set("Origin", this.origin);
    return await fetch(`${this.origin}${path}`, { ...rest, headers: own });
  }

  /** A browser of this user, at the raw WebSocket, before hello. */
  visit(user: string, headers: Readonly<Record<string, string>> = {}): TestClient {
    const client = new TestClient(`ws://127.0.0.1:${this.port}/push/websocket`, {
      headers: { Cookie: `__ac=${user}`, Origin: this.origin, ...headers },
    });
    this.#clients.push(client);
    return client;
  }

  /** The same, welcomed. */
  async connect(user: string, hello: Omit<HelloFrame, "type"> = {}): Promise<TestClient> {
    const client = await this.visit(user).opened();
    client.send({ type: "hello", ...hello });
    await client.frame("welcome");
    return client;
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.push.close(0); // nobody of the test waits to be told
    await Promise.all(this.#clients.map((client) => client.close()));
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.#cmsClient.close();
    if (this.#ownCms) await this.cms.close();
  }
}
