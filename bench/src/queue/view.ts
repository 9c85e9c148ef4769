/** A view of a CMS that callback jobs post to: remembers who called, and does each job's work once. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A call of the view. */
export interface Call {
  /** The job, by its Idempotency-Key, or its task where there is no such header. */
  readonly job: string;
  readonly startedAt: number;
  /** Undefined: its caller left before the answer. */
  endedAt?: number;
}

/** The view's server; times are `performance.now()`'s. */
export class View {
  readonly calls: Call[] = [];
  readonly url: string;
  readonly #server: Server;
  readonly #workMs: number;

  private constructor(server: Server, workMs: number) {
    this.#server = server;
    this.#workMs = workMs;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => this.#answer(request, response));
  }

  /** @param workMs how long an answer takes */
  static async start(workMs: number): Promise<View> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new View(server, workMs);
  }

  /** How often each job's call came to its end. */
  get ended(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { job, endedAt } of this.calls) {
      if (endedAt !== undefined) counts.set(job, (counts.get(job) ?? 0) + 1);
    }
    return counts;
  }

  /** Resolves when so many jobs have had their call, or nothing came for so long. */
  async done(jobs: number, silenceMs: number): Promise<void> {
    for (;;) {
      if (this.ended.size >= jobs) return;
      const last = this.calls.at(-1)?.startedAt ?? performance.now();
      if (this.calls.length > 0 && performance.now() - last > silenceMs) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // The worker asks at its start whose CMS this is: nobody's.
    if (request.method !== "POST") return void response.writeHead(404).end();
    const header = request.headers["idempotency-key"] ?? request.headers["x-celery-task-name"];
    const call: Call = { job: String(header), startedAt: performance.now() };
    this.calls.push(call);
    const finish = (): void => {
      if (response.destroyed) return;
      call.endedAt = performance.now();
      response.end("done");
    };
    request.resume().on("end", () => (this.#workMs === 0 ? finish() : setTimeout(finish, this.#workMs)));
    return undefined;
  }
}
