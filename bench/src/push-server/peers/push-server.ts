/** This project's push server: every connection authenticated by its own cookie, asked of a CMS over HTTP. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createCmsClient } from "cms-client";
import { createPushServer } from "push-server";
import { servePeer } from "../node-peer.ts";

/** With it, tickets are verified here, and the CMS is asked about none. */
const ticketSecret = process.env["BENCH_TICKET_SECRET"];
const cmsUrl = process.env["BENCH_CMS_URL"];
if (cmsUrl === undefined)
  throw new Error("BENCH_CMS_URL must name the CMS that says who a cookie belongs to.");

await servePeer(async () => {
  const push = await createPushServer({
    cms: createCmsClient({
      baseUrl: cmsUrl,
      maxConcurrentProbes: 64,
      maxWaitingProbes: 20_000,
      cacheSeconds: 600,
      ...(ticketSecret !== undefined && {
        localTickets: { secret: ticketSecret, trust: "believe" as const },
      }),
    }),
    limits: { maxConnections: 50_000, maxPendingHandshakes: 20_000 },
    revalidateMs: 600_000,
    ...(process.env["BENCH_REDIS_URL"] === undefined ? {} : { redisUrl: process.env["BENCH_REDIS_URL"] }),
  });
  const server = createServer();
  push.attach(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    broadcast(content) {
      void push.publish({ to: "all", html: content });
    },
    connections: () => push.connections,
  };
});
