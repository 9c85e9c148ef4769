/** The npm package `sockjs`, as its README uses it, nobody authenticated. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createSockjs, type Connection } from "sockjs";
import { servePeer } from "../node-peer.ts";

await servePeer(async () => {
  const connections = new Set<Connection>();
  const sockjs = createSockjs({ log: () => undefined });
  sockjs.on("connection", (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });
  const server = createServer();
  sockjs.installHandlers(server, { prefix: "/push" });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    broadcast(content) {
      for (const connection of connections) connection.write(content);
    },
    connections: () => connections.size,
  };
});
