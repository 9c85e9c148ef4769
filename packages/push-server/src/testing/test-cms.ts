/** A CMS over real HTTP for tests: users by cookie, objects by path, and ways to break it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createCmsClient, type CmsClient, type CmsClientOptions } from "cms-client";

interface TestUser {
  groups: string[];
  /** Paths of objects that the CMS shows this user. */
  sees: Set<string>;
}

/** The cookie `__ac=<user>` belongs to that user; `__ac=<user>.<anything>` too, as a renewed ticket would. */
export class TestCms {
  readonly users: Map<string, TestUser> = new Map();
  readonly #server: Server;
  /** Cookies that are nobody's any more. */
  readonly revoked: Set<string> = new Set();
  /** Cookies whose user is not in their name. */
  readonly sessions: Map<string, string> = new Map();
  /** How it answers: 200, or what a broken CMS says. */
  status = 200;
  /** How long each answer takes. */
  delayMs = 0;
  #held: (() => void)[] | undefined;
  /** Questions so far, by path. */
  readonly asked: Map<string, number> = new Map();

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? "";
      this.asked.set(path, (this.asked.get(path) ?? 0) + 1);
      const answer = (): void => {
        const { status, body } = this.#answer(path, request.headers.cookie ?? "");
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
      };
      if (this.#held) this.#held.push(answer);
      else setTimeout(answer, this.delayMs);
    });
  }

  static async start(): Promise<TestCms> {
    const cms = new TestCms();
    await new Promise<void>((resolve) => {
      cms.#server.listen(0, "127.0.0.1", resolve);
    });
    return cms;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  client(options: Partial<CmsClientOptions> = {}): CmsClient {
    return createCmsClient({
      baseUrl: this.url,
      adapter: { kind: "generic", url: "{site}/whoami", userId: "/id", groups: "/groups" },
      cacheSeconds: 0.05,
      timeoutMs: 1000,
      ...options,
    });
  }

  /** From now on questions wait for their answers. */
  hold(): void {
    this.#held ??= [];
  }

  /** Answers those that wait, and from now on at once. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const answer of held) answer();
  }

  addUser(id: string, groups: string[] = [], sees: string[] = []): void {
    this.users.set(id, { groups, sees: new Set(sees) });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(path: string, cookie: string): { readonly status: number; readonly body: object } {
    if (this.status !== 200) return { status: this.status, body: {} };
    const ticket = /__ac=([^;]*)/.exec(cookie)?.[1] ?? "";
    const id = this.sessions.get(ticket) ?? ticket.split(".")[0] ?? "";
    const user = this.revoked.has(ticket) ? undefined : this.users.get(id);
    if (!user) return { status: 401, body: {} };
    if (path === "/whoami") return { status: 200, body: { id, groups: user.groups } };
    return user.sees.has(decodeURIComponent(path)) ? { status: 200, body: {} } : { status: 404, body: {} };
  }
}
