/**
 * From `XADD` to the browser, 10,000 users through a private Redis: latency at a steady rate, and how much one core
 * relays when the log is full. Beside it, what many build first: `PUBLISH`, a subscription for each user, and `ws`.
 * `node redis-to-browser.ts [users=10000] [rounds=3] [seconds=10]`
 */
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { Clients } from "./clients.ts";
import { leaveServerCore } from "./cores.ts";
import { median, printFigures, valueFigure, type Figure } from "./figure.ts";
import { NodePeer } from "./node-peer.ts";
import {
  atFullSpeed,
  publish,
  startPrivateRedis,
  steadily,
  xadd,
  type PrivateRedis,
} from "./private-redis.ts";
import { SERVERS } from "./servers.ts";

interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly cpuUs: number;
}

const PER_SECOND = 1000;
const BYTES = 1500;
const BACKLOG = 60_000;
const SETTLE_MS = 2000;

export async function redisToBrowser(users = 10_000, rounds = 3, seconds = 10): Promise<readonly Figure[]> {
  leaveServerCore();
  const ours = await measure(users, rounds, seconds, "push-server");
  const theirs = await measure(users, rounds, seconds, "ws-pub-sub");
  const peer = (of: (latency: Latency) => number) => ({ "ws, PUBLISH": of(theirs.steady) });
  return [
    valueFigure(
      "Redis to browser, 1,000/s of 1.5 kB, p50",
      ours.steady.p50,
      "ms",
      { atMost: 0.4 },
      peer((l) => l.p50),
    ),
    valueFigure(
      "Redis to browser, 1,000/s of 1.5 kB, p99",
      ours.steady.p99,
      "ms",
      { atMost: 2 },
      peer((l) => l.p99),
    ),
    valueFigure(
      "CPU of each",
      ours.steady.cpuUs,
      "us",
      undefined,
      peer((l) => l.cpuUs),
    ),
    valueFigure(
      "deliveries of a flood of 1.5 kB",
      ours.floodPerS,
      "per s",
      { atLeast: 30_000 },
      // PUBLISH loses some of it, and then has no figure.
      Number.isNaN(theirs.floodPerS) ? {} : { "ws, PUBLISH": theirs.floodPerS },
    ),
  ];
}

type Name = "push-server" | "ws-pub-sub";

async function measure(
  users: number,
  rounds: number,
  seconds: number,
  name: Name,
): Promise<{ readonly steady: Latency; readonly floodPerS: number }> {
  const cms = await startAnyCookieCms();
  const redis = await startPrivateRedis();
  const server = await NodePeer.start(name, { BENCH_CMS_URL: cms.url, BENCH_REDIS_URL: redis.url });
  const connect = name === "push-server" ? SERVERS["push-server"].connect : { path: "/user%d" };
  const clients = new Clients({ ...connect, ports: [server.port], count: users });
  const send = sender(name, redis, users);
  try {
    await clients.connected;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const latencies: Latency[] = [];
    const floods: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await clients.reset();
      const before = server.cpuMs();
      const sent = await steadily(PER_SECOND, seconds, send);
      const { count, p50_ms: p50, p99_ms: p99 } = await clients.wait(sent, 10_000);
      if (count !== sent) throw new Error(`${name}: ${count} of ${sent} arrived.`);
      latencies.push({ p50, p99, cpuUs: ((server.cpuMs() - before) / sent) * 1000 });
      floods.push(await flood(server, clients, send));
    }
    return {
      steady: {
        p50: median(latencies.map(({ p50 }) => p50)),
        p99: median(latencies.map(({ p99 }) => p99)),
        cpuUs: median(latencies.map(({ cpuUs }) => cpuUs)),
      },
      floodPerS: median(floods),
    };
  } finally {
    clients.close();
    server.close();
    await redis.close();
  }
}

/** The server is held until the log is full, so that neither the publisher nor Redis is what is measured. */
async function flood(
  server: NodePeer,
  clients: Clients,
  send: (number: number) => Promise<unknown>,
): Promise<number> {
  process.kill(server.pid, "SIGSTOP");
  await atFullSpeed(BACKLOG, send);
  await clients.reset();
  process.kill(server.pid, "SIGCONT");
  const { count, since_reset_ms: ms } = await clients.wait(BACKLOG, 60_000);
  // How much of it is lost is another benchmark's (flood.ts).
  return count === BACKLOG ? count / (ms / 1000) : Number.NaN;
}

function sender(name: Name, { redis }: PrivateRedis, users: number): (number: number) => Promise<unknown> {
  return name === "push-server"
    ? (number) => xadd(redis, `user:user${number % users}`, BYTES)
    : (number) => publish(redis, `user${number % users}`, BYTES);
}

if (import.meta.main) {
  const [users = 10_000, rounds = 3, seconds = 10] = process.argv.slice(2).map(Number);
  await printFigures(() => redisToBrowser(users, rounds, seconds));
}
