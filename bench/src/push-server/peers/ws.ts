/** Bare `ws`, as its README broadcasts, nobody authenticated. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { servePeer } from "../node-peer.ts";

await servePeer(async () => {
  const server = createServer();
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    broadcast(content) {
      for (const webSocket of webSockets.clients) webSocket.send(content);
    },
    connections: () => webSockets.clients.size,
  };
});
