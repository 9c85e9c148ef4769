/** What the gate and the APIs answer instead of serving: the one place that turns an error into an HTTP status. */
import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  /** What is answered: `{"code", "message"}` as JSON; nothing for 405 (sockjs-protocol, "verify405"). */
  get content(): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
    if (this.status === 405) return { headers: { ...this.headers, "Content-Length": "0" }, body: "" };
    const body = `${JSON.stringify({ code: this.code, message: this.message })}\n`;
    return {
      headers: {
        "Content-Type": "application/json; charset=UTF-8",
        "Cache-Control": "no-store",
        "Content-Length": String(Buffer.byteLength(body)),
        ...this.headers,
      },
      body,
    };
  }
}

export const refusals = {
  unauthenticated: (): Refusal =>
    new Refusal(401, "unauthenticated", "The CMS does not know this session: log in, then connect again."),
  missingOrigin: (): Refusal =>
    new Refusal(403, "missing-origin", "A browser says from which page it connects; this request does not."),
  foreignOrigin: (): Refusal =>
    new Refusal(
      403,
      "forbidden-origin",
      "Pages of this origin may not connect: add it to the allowed origins.",
    ),
  notFound: (): Refusal => new Refusal(404, "not-found", "There is nothing here."),
  methodNotAllowed: (allow: string): Refusal =>
    new Refusal(405, "method-not-allowed", `Use ${allow}.`, { Allow: allow }),
  notAWebSocket: (): Refusal => new Refusal(400, "not-a-websocket", "Not a valid websocket request."),
  tooLarge: (maxBytes: number): Refusal =>
    new Refusal(413, "too-large", `The body may be at most ${maxBytes} bytes.`, { Connection: "close" }),
  tooMany: (what: string): Refusal =>
    new Refusal(429, "too-many", `Too many ${what}: try again later.`, { "Retry-After": retryAfter() }),
  cmsUnknown: (): Refusal =>
    new Refusal(503, "cms-unknown", "The CMS does not answer who this is: try again later.", {
      "Retry-After": retryAfter(),
    }),
  stopping: (): Refusal =>
    new Refusal(503, "stopping", "This server is stopping: connect again.", { "Retry-After": "1" }),
  logUnavailable: (): Refusal =>
    new Refusal(
      503,
      "log-unavailable",
      "The message log does not answer: try again later, publishing with the same `id`.",
      {
        "Retry-After": retryAfter(),
      },
    ),
} as const;

export function refuse(response: ServerResponse, { status, content }: Refusal): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, content.headers).end(content.body);
}

export function refuseUpgrade(socket: Duplex, { status, content }: Refusal): void {
  if (!socket.writable) return;
  const lines = Object.entries({ ...content.headers, Connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, ...lines].join("\r\n");
  socket.end(`${head}\r\n\r\n${content.body}`, () => socket.destroy());
}

/** Seconds, spread so that not everybody comes back at once. */
function retryAfter(): string {
  return String(2 + Math.floor(Math.random() * 8));
}
