/** `/healthz`: the process serves. `/readyz`: browsers may be sent to it. */
import type { ServerResponse } from "node:http";
import type { Api } from "../front-door.ts";

export interface Readiness {
  readonly ready: boolean;
  /** One sentence: what is the case, and what to do if something is wrong. */
  readonly detail: string;
}

type HealthApis = Readonly<Record<"healthz" | "readyz", Readonly<Record<string, Api>>>>;

export function healthApis(readiness: () => Readiness): HealthApis {
  const readyz: Api = (_request, response) => {
    const now = readiness();
    answer(response, now.ready ? 200 : 503, now);
  };
  return { healthz: { GET: healthz, HEAD: healthz }, readyz: { GET: readyz, HEAD: readyz } };
}

const healthz: Api = (_request, response) => answer(response, 200, { ok: true });

function answer(response: ServerResponse, status: number, content: object): void {
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  response.writeHead(status, headers).end(`${JSON.stringify(content)}\n`);
}
