/**
 * From `XADD` to the browser, through a private Redis with its default limits: latency at a steady rate, then a flood
 * at full speed, of which everything must arrive. `node redis-to-browser.ts [users=10000] [flood=60000]`
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { content } from "./content.ts";
import { LoadGenerator } from "./load-generator.ts";
import { Peer } from "./peer.ts";
import { SERVERS } from "./servers.ts";

const users = Number(process.argv[2] ?? 10_000);
const flood = Number(process.argv[3] ?? 60_000);
const RATE_PER_SECOND = 1000;
const SECONDS = 10;
const STEADY_BYTES = 1500;
const FLOOD_BYTES = 5000;

const folder = await mkdtemp(join(tmpdir(), "pat-push-bench-redis-"));
const port = await freePort();
const redisServer = spawn(
  "redis-server",
  ["--port", String(port), "--dir", folder, "--save", "", "--bind", "127.0.0.1"],
  {
    stdio: "ignore",
  },
);
const url = `redis://127.0.0.1:${port}`;
const redis = new Redis(url);
const peer = await Peer.start("push-server", {
  BENCH_CMS_URL: await startAnyCookieCms(),
  BENCH_REDIS_URL: url,
});
const load = new LoadGenerator({ ...SERVERS["push-server"], port: peer.port, connections: users });
try {
  await load.connected;
  await load.reset();
  const total = RATE_PER_SECOND * SECONDS;
  const started = performance.now();
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * RATE_PER_SECOND));
    for (; sent < due; sent += 1) void publish(sent, STEADY_BYTES);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const steady = await load.wait(total, 10_000);
  await load.reset();
  const cpuBefore = await peer.cpuMs();
  for (let sent = 0; sent < flood; sent += 1) {
    void publish(sent, FLOOD_BYTES);
    if (sent % 200 === 199) await redis.ping(); // as fast as Redis takes them
  }
  const burst = await load.wait(flood, 120_000);
  console.table([
    {
      what: `${RATE_PER_SECOND}/s of ${STEADY_BYTES} B`,
      sent: total,
      delivered: steady.count,
      "p50 ms": steady.p50_ms,
      "p99 ms": steady.p99_ms,
    },
    {
      what: `flood of ${FLOOD_BYTES} B`,
      sent: flood,
      delivered: burst.count,
      "deliveries per s": Math.round(burst.count / (burst.span_ms / 1000)),
      "CPU us each": Math.round((((await peer.cpuMs()) - cpuBefore) / burst.count) * 1000),
    },
  ]);
} finally {
  load.close();
  peer.close();
  redis.disconnect();
  redisServer.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

async function publish(i: number, bytes: number): Promise<void> {
  await redis.xadd(
    "push:log",
    "*",
    "to",
    `user:user${i % users}`,
    "message",
    JSON.stringify({ html: content(bytes) }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}
