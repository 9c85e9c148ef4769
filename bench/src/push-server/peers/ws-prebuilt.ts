/** The floor in Node: bare `ws`, one prebuilt frame written to every socket, nobody authenticated. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { servePeer } from "../peer.ts";

await servePeer(async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    broadcast(content) {
      const frame = Buffer.from(content);
      for (const socket of sockets.clients) socket.send(frame, { binary: false });
    },
  };
});
