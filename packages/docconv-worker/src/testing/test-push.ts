/** For tests: where a push server would be, an HTTP server that takes messages with the right secret. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Message, parseMessage } from "push-protocol";

/** A receiver of messages. */
export interface TestPush {
  /** As in `pushUrl`. */
  readonly url: string;
  /** In the order of their arrival, each id once, as a push server takes them. */
  readonly messages: Message[];
  /** While set, every request is answered with this status. */
  outage: number | undefined;
  /** Requests, whatever came of them. */
  requests: number;
  close(): Promise<void>;
}

/** The secret of every test's push server. */
export const PUSH_SECRET = "the publish secret of this test";

/** Starts it on a free port. */
export async function startTestPush(): Promise<TestPush> {
  const ids = new Set<string>();
  const server = createServer((request, response) => {
    void answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const push: TestPush = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`,
    messages: [],
    outage: undefined,
    requests: 0,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return push;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    push.requests += 1;
    const isPush = request.method === "POST" && request.url === "/push/messages";
    const isKnown = request.headers.authorization === `Bearer ${PUSH_SECRET}`;
    const status = isPush ? (isKnown ? (push.outage ?? 200) : 401) : 404;
    const value = status === 200 ? (JSON.parse(await text(request)) as Message | Message[]) : [];
    for (const message of Array.isArray(value) ? value : [value]) {
      parseMessage(message);
      if (!ids.has(message.id ?? "")) push.messages.push(message);
      ids.add(message.id ?? "");
    }
    response.writeHead(status, { "content-type": "application/json" }).end('{"cursors":[]}');
  }
}
