/**
 * What the browser tests connect to: the real push server, and a small CMS for it, in a process of their own that
 * the tests can stop and start again. `node --conditions=push-source push-site.ts`; prints its port.
 *
 * The CMS: whoever has the cookie `session=<user>`, or `session=<user>~<anything>`, is that user; objects under
 * `/private` nobody may see.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { createCmsClient } from "cms-client";
import { createPushServer, type PushServer } from "push-server";
import type { Message } from "push-protocol";

const sockets = new Set<Socket>();
const upgraded = new Set<unknown>();
const expired = new Set<string>();
const server = createServer();
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

const cms = createCmsClient({
  baseUrl: `http://127.0.0.1:${port}/cms`,
  adapter: { kind: "generic", url: "{site}/whoami", userId: "/id" },
  cacheSeconds: 0,
});
let push: PushServer | undefined = await start();
let wayThrough = { webSockets: true, down: false };

server.on("request", (request, response) => void answer(request, response));
server.on("upgrade", (request, socket, head) => {
  upgraded.add(socket);
  socket.on("close", () => upgraded.delete(socket));
  if (!push || !wayThrough.webSockets || wayThrough.down || !push.handleUpgrade(request, socket, head))
    socket.destroy();
});
process.stdin.resume().on("end", () => process.exit()); // with the test runner
process.stdout.write(`${port}\n`);

async function start(): Promise<PushServer> {
  return await createPushServer({ cms, cookieNames: ["session"], revalidateMs: 300 });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://site");
  if (url.pathname.startsWith("/cms/")) return cmsAnswer(request, response, url);
  if (url.pathname.startsWith("/__site/")) return await control(request, response, url);
  if (wayThrough.down) return void request.socket.destroy();
  if (push?.handle(request, response)) return undefined;
  return void response.writeHead(404).end();
}

function cmsAnswer(request: IncomingMessage, response: ServerResponse, url: URL): void {
  const session = /(?:^|;\s*)session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
  const user = expired.has(session) ? "" : session.replace(/~.*/, "");
  const isPrivate = url.pathname.startsWith("/cms/private");
  response.writeHead(!user ? 401 : isPrivate ? 403 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify({ id: user }));
}

/** `publish`: a message. `sign-out?user=`. `expire?session=`: this cookie is good for nothing from now on. `cut`: every connection breaks. `connections`: how many WebSockets are open. `way?webSockets=&down=`: what gets through. */
async function control(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const { searchParams: query } = url;
  switch (url.pathname) {
    case "/__site/publish":
      await push?.publish(JSON.parse(await text(request)) as Message);
      break;
    case "/__site/sign-out":
      await push?.closeConnections(query.get("user") ?? "");
      break;
    case "/__site/expire":
      expired.add(query.get("session") ?? "");
      break;
    case "/__site/cut":
      for (const socket of sockets) if (socket !== request.socket) socket.destroy();
      break;
    case "/__site/way":
      wayThrough = { webSockets: query.get("webSockets") !== "no", down: query.get("down") === "yes" };
      break;
    case "/__site/connections":
      response.write(String(upgraded.size));
      break;
    case "/__site/restart":
      await push?.close();
      push = await start();
      break;
    default:
      response.statusCode = 404;
  }
  response.end();
}
