/** A visitor of the SockJS protocol's cases: requests, polls, streams and sockets at a session of their own, for tests. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { knock, type Answer } from "./knock.ts";
import { TestSite, type TestSiteOptions } from "./test-site.ts";
import { TestStream } from "./test-stream.ts";

export const NOT_CACHED: string = "no-store, no-cache, no-transform, must-revalidate, max-age=0";
export const PRELUDE: string = `${"h".repeat(2048)}\n`;

/** A visitor's browser at a session of their own. */
export class ProtocolVisitor {
  readonly site: TestSite;
  readonly session: string = `/000/${randomUUID()}`;

  private constructor(site: TestSite) {
    this.site = site;
  }

  static async start(options?: TestSiteOptions): Promise<ProtocolVisitor> {
    return new ProtocolVisitor(await TestSite.start(options));
  }

  get headers(): Record<string, string> {
    return { Cookie: "__ac=jane", Origin: this.site.origin };
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return await this.#knock("GET", path, { ...this.headers, ...headers });
  }

  async post(path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return await this.#knock("POST", path, { ...this.headers, ...headers }, body);
  }

  async options(path: string, headers: Record<string, string>): Promise<Answer> {
    return await this.#knock("OPTIONS", path, { Origin: this.site.origin, ...headers });
  }

  async open(): Promise<void> {
    expect((await this.post(`${this.session}/xhr`)).body).toBe("o\n");
  }

  async send(...texts: readonly string[]): Promise<Answer> {
    return await this.post(`${this.session}/xhr_send`, JSON.stringify(texts));
  }

  async poll(): Promise<string> {
    return (await this.post(`${this.session}/xhr`)).body;
  }

  async stream(method: string, path: string): Promise<TestStream> {
    return await TestStream.open({
      port: this.site.port,
      method,
      path: `/push${path}`,
      headers: this.headers,
    });
  }

  socket(path: string): WebSocket {
    return new WebSocket(`ws://127.0.0.1:${this.site.port}/push${path}`, { headers: this.headers });
  }

  async #knock(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answer> {
    const { port } = this.site;
    return await knock({
      port,
      method,
      path: `/push${path}`,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  }
}

/** What is said, and what comes back for it. */
export function ask(topic: string): string {
  return JSON.stringify({ type: "subscribe", topic });
}
export function refused(topic: string): string {
  return JSON.stringify({ type: "refused", topic });
}
export function framed(...texts: readonly string[]): string {
  return `a${JSON.stringify(texts)}\n`;
}

/** What arrives at a socket, one by one; undefined once it is closed. */
export function messagesOf(socket: WebSocket): () => Promise<string | undefined> {
  const waiting: (string | undefined)[] = [];
  let wake: (() => void) | undefined;
  const put = (text: string | undefined): void => {
    waiting.push(text);
    wake?.();
  };
  socket.on("message", (data: Buffer) => put(data.toString()));
  socket.on("close", () => put(undefined));
  socket.on("error", () => undefined);
  return async () => {
    while (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift();
  };
}

export function expectCors(answer: Answer, origin: string): void {
  expect(answer.headers["access-control-allow-origin"]).toBe(origin);
  expect(answer.headers["access-control-allow-credentials"]).toBe("true");
}

export async function expectOptions(
  visitor: ProtocolVisitor,
  path: string,
  methods: readonly string[],
): Promise<void> {
  const answer = await visitor.options(path, { "Access-Control-Request-Method": methods.join(", ") });
  expect([200, 204]).toContain(answer.status);
  expect(answer.headers["cache-control"]).toMatch(/public.*max-age=[1-9]\d{6}/);
  expect(answer.headers.expires).toBeDefined();
  expect(Number(answer.headers["access-control-max-age"])).toBeGreaterThan(1_000_000);
  for (const method of methods) expect(answer.headers["access-control-allow-methods"]).toContain(method);
  expect(answer.body).toBe("");
  expectCors(answer, visitor.site.origin);
}

/** Two polls at once: one is told that there is another, and that other one, which waits, is returned. */
export async function twoPolls(visitor: ProtocolVisitor): Promise<PendingPoll> {
  const polls = [0, 1].map(() => new PendingPoll(visitor));
  const [told, { body }] = await Promise.race(
    polls.map(async (poll, index) => [index, await poll.answer] as const),
  );
  expect(body).toBe('c[2010,"Another connection still open"]\n');
  return polls[1 - told] as PendingPoll;
}

/** A poll that nothing has come for yet. */
class PendingPoll {
  readonly answer: Promise<Answer>;
  readonly #hangUp = new AbortController();

  constructor({ site, session, headers }: ProtocolVisitor) {
    const { signal } = this.#hangUp;
    this.answer = knock({ port: site.port, method: "POST", path: `/push${session}/xhr`, headers, signal });
    this.answer.catch(() => undefined);
  }

  hangUp(): void {
    this.#hangUp.abort();
  }
}
