/** A view of a CMS that callback jobs post to: remembers who called, and does each job's work once. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A call of the view. */
export interface Call {
  /** The job, by its Idempotency-Key, or its task where there is no such header. */
  readonly job: string;
  readonly startedAt: number;
  /** When its caller was gone before the answer. */
  callerLeftAt?: number;
  answeredAt?: number;
}

/** The view's server; times are `performance.now()`'s. */
export class View {
  readonly calls: Call[] = [];
  /** How often the work of each job was done to its end: by its key a view tells a repetition, and just answers. */
  readonly work: Map<string, number> = new Map();
  readonly url: string;
  readonly #begun = new Set<string>();
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

  /** Resolves when so many jobs have had their work done, or nothing came for so long. */
  async done(jobs: number, silenceMs: number): Promise<void> {
    for (;;) {
      if (this.work.size >= jobs) return;
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
    const isRepetition = this.#begun.has(call.job);
    this.#begun.add(call.job);
    const leave = (): void => {
      if (call.answeredAt === undefined) call.callerLeftAt ??= performance.now();
    };
    request.socket.once("end", leave).once("close", leave);
    const finish = (): void => {
      if (!isRepetition) this.work.set(call.job, (this.work.get(call.job) ?? 0) + 1);
      if (call.callerLeftAt === undefined) call.answeredAt = performance.now();
      request.socket.off("end", leave).off("close", leave);
      response.end("done");
    };
    request.resume().on("end", () => {
      if (this.#workMs === 0 || isRepetition) finish();
      else setTimeout(finish, this.#workMs);
    });
    return undefined;
  }
}
