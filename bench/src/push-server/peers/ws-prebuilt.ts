/** The floor in Node: bare `ws`, one frame built beforehand and written to every socket, nobody authenticated. */
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import { servePeer } from "../node-peer.ts";

await servePeer(async () => {
  const server = createServer();
  const open = new Set<Socket>();
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
  webSockets.on("connection", (webSocket, { socket }) => {
    open.add(socket);
    webSocket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    broadcast(content) {
      const payload = Buffer.from(content);
      const header = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]); // 126 B to 64 KiB
      const frame = Buffer.concat([header, payload]);
      for (const socket of open) socket.write(frame);
    },
    connections: () => open.size,
  };
});
