/** A client that connects over one transport and goes without a word, at some moment within its first seconds. */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";

export const ABANDONED_TRANSPORTS = [
  "websocket",
  "raw-websocket",
  "xhr_streaming",
  "xhr",
  "eventsource",
] as const;

export type AbandonedTransport = (typeof ABANDONED_TRANSPORTS)[number];

/** Beyond the time that a polling client has for its next request. */
const MOST_MS = 8000;
/** A few go in the middle of their request, or at once. */
const HALF_REQUESTS = 0.1;
/** Half say hello, over those transports where that needs no further request. */
const HELLOS = 0.5;
const HELLO_AFTER_MS = 500;
const HELLO = JSON.stringify({ type: "hello", cursor: "0-0" });

export function abandon(port: number, transport: AbandonedTransport, user: string): void {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined).on("data", () => undefined);
  const request = requestText(port, transport, user);
  const half = Math.random() < HALF_REQUESTS;
  socket.write(half ? request.slice(0, Math.floor(request.length * Math.random())) : request);
  if (!half && Math.random() < HELLOS && transport.endsWith("websocket")) {
    const hello = transport === "websocket" ? JSON.stringify([HELLO]) : HELLO;
    setTimeout(() => socket.write(maskedText(hello)), HELLO_AFTER_MS);
  }
  // Some end in order, some are cut off.
  const end = () => (Math.random() < 0.5 ? socket.destroy() : socket.resetAndDestroy());
  setTimeout(end, Math.random() ** 2 * MOST_MS);
}

function requestText(port: number, transport: AbandonedTransport, user: string): string {
  const session = randomBytes(4).toString("hex");
  const path = transport === "raw-websocket" ? "/push/websocket" : `/push/000/${session}/${transport}`;
  const method = transport.startsWith("xhr") ? "POST" : "GET";
  const headers = [
    `${method} ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    `Origin: http://127.0.0.1:${port}`,
    `Cookie: __ac=${user}`,
    ...(transport.endsWith("websocket")
      ? [
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
        ]
      : ["Content-Length: 0"]),
  ];
  return `${headers.join("\r\n")}\r\n\r\n`;
}

/** A client's text frame of less than 126 bytes (RFC 6455, section 5.2), masked with zeros. */
function maskedText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
