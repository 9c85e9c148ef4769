/** What many build first: Redis's pub/sub with ioredis, one channel for each user, whom nobody asks, and `ws`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { WebSocketServer, type WebSocket } from "ws";
import { servePeer } from "../node-peer.ts";

const redisUrl = process.env["BENCH_REDIS_URL"];
if (redisUrl === undefined) throw new Error("BENCH_REDIS_URL must name the Redis to subscribe at.");

await servePeer(async () => {
  const redis = new Redis(redisUrl);
  const users = new Map<string, WebSocket>();
  redis.on("message", (user: string, content: string) => users.get(user)?.send(content));
  const server = createServer();
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
  webSockets.on("connection", (webSocket, request) => {
    const user = request.url?.slice(1) ?? "";
    users.set(user, webSocket);
    void redis.subscribe(user);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    broadcast(content) {
      for (const webSocket of users.values()) webSocket.send(content);
    },
    connections: () => users.size,
  };
});
