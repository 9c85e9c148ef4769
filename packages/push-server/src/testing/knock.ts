/** One request, plain or upgrade, as bytes that no client library tidies up, for tests. */
import { request, type IncomingHttpHeaders } from "node:http";
import { randomBytes } from "node:crypto";

export interface Knock {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly upgrade?: boolean;
  readonly body?: string;
  /** Hangs up before there is an answer. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Up to the first piece, for what never ends. */
  readonly body: string;
}

/** Resolves with the first of the answer, and hangs up. */
export async function knock({
  port,
  method,
  path,
  headers = {},
  upgrade = false,
  body,
  signal,
}: Knock): Promise<Answer> {
  const handshake = upgrade
    ? {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      }
    : {};
  const counted =
    body === undefined || "Transfer-Encoding" in headers
      ? {}
      : { "Content-Length": String(Buffer.byteLength(body)) };
  return await new Promise((resolve, reject) => {
    const sent = request({
      host: "127.0.0.1",
      port,
      method,
      path,
      headers: { ...handshake, ...counted, ...headers },
      agent: false,
      ...(signal && { signal }),
    });
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "" });
    });
    sent.on("response", (response) => {
      let text = "";
      const end = (): void => {
        response.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      };
      response.on("data", (data: Buffer) => {
        text += data.toString();
        if (response.headers["content-length"] === undefined) end();
      });
      response.on("end", end);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
