/** The port for operators alone, apart from the one that the proxy leads the public to: metrics and health. */
import { createServer, type ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { listen, type Listener } from "./listener.ts";

export interface Readiness {
  readonly ready: boolean;
  /** One sentence: what is the case, and what to do if something is wrong. */
  readonly detail: string;
}

export interface OperationsPortOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly metrics: Registry;
  readonly readiness: () => Readiness | Promise<Readiness>;
}

/** Answers `/metrics`, `/healthz` (the process serves) and `/readyz` (send it work). @throws ListenError */
export async function openOperationsPort(options: OperationsPortOptions): Promise<Listener> {
  const { host, port, metrics, readiness } = options;
  const routes: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    "/metrics": async (response) => answer(response, 200, metrics.contentType, await metrics.metrics()),
    "/healthz": (response) => answerJson(response, 200, { ok: true }),
    "/readyz": async (response) => {
      const now = await readiness();
      answerJson(response, now.ready ? 200 : 503, now);
    },
  };
  const server = createServer((request, response) => {
    const route = routes[(request.url ?? "").split("?")[0] ?? ""];
    const readable = request.method === "GET" || request.method === "HEAD";
    if (!route) answerJson(response, 404, { error: `Here are ${Object.keys(routes).join(", ")}.` });
    else if (!readable) answerJson(response, 405, { error: "Use GET." });
    else Promise.resolve(route(response)).catch(() => response.destroy());
  });
  return await listen(server, host, port);
}

function answerJson(response: ServerResponse, status: number, content: object): void {
  answer(response, status, "application/json", `${JSON.stringify(content)}\n`);
}

function answer(response: ServerResponse, status: number, mediaType: string, content: string): void {
  response.writeHead(status, { "Content-Type": mediaType, "Cache-Control": "no-store" }).end(content);
}
