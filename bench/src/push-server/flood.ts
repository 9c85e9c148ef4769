/**
 * 60,000 messages of 5 kB at full speed through a Redis with its default limits, to 10,000 users: what arrives, beside
 * pub/sub with ioredis. `node flood.ts [users=10000] [messages=60000]`
 */
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { Clients } from "./clients.ts";
import { leaveServerCore } from "./cores.ts";
import { printFigures, valueFigure, type Figure } from "./figure.ts";
import { NodePeer } from "./node-peer.ts";
import { atFullSpeed, publish, startPrivateRedis, xadd } from "./private-redis.ts";
import { SERVERS } from "./servers.ts";

interface Outcome {
  readonly deliveredPercent: number;
  readonly repeated: number;
  readonly perS: number;
}

const BYTES = 5000;
const WITHIN_MS = 60_000;
/** Nothing has arrived for so long: nothing more will. */
const QUIET_MS = 4000;

export async function flood(users = 10_000, messages = 60_000): Promise<readonly Figure[]> {
  leaveServerCore();
  const ours = await measure("push-server", users, messages);
  const theirs = await measure("ws-pub-sub", users, messages);
  const peer = (of: (outcome: Outcome) => number) => ({ "ioredis pub/sub": of(theirs) });
  return [
    valueFigure(
      `delivered of ${messages} messages of 5 kB at full speed`,
      ours.deliveredPercent,
      "%",
      { atLeast: 100 },
      peer((o) => o.deliveredPercent),
    ),
    valueFigure(
      "of these, more than once",
      ours.repeated,
      "messages",
      { atMost: 0 },
      peer((o) => o.repeated),
    ),
    valueFigure(
      "delivered, publisher and Redis on the other core",
      ours.perS,
      "per s",
      undefined,
      peer((o) => o.perS),
    ),
  ];
}

async function measure(
  name: "push-server" | "ws-pub-sub",
  users: number,
  messages: number,
): Promise<Outcome> {
  const cms = await startAnyCookieCms();
  const { redis, url, close } = await startPrivateRedis();
  const server = await NodePeer.start(name, { BENCH_CMS_URL: cms.url, BENCH_REDIS_URL: url });
  const connect = name === "push-server" ? SERVERS["push-server"].connect : { path: "/user%d" };
  const clients = new Clients({ ...connect, ports: [server.port], count: users, messages });
  try {
    await clients.connected;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 2));
    await clients.reset();
    await atFullSpeed(messages, (number) =>
      name === "push-server"
        ? xadd(redis, `user:user${number % users}`, BYTES, number)
        : publish(redis, `user${number % users}`, BYTES, number),
    );
    const { repeated, count, span_ms: ms } = await settled(clients, messages);
    const delivered = messages - (await clients.missing(messages, 0));
    return { deliveredPercent: (delivered / messages) * 100, repeated, perS: count / (ms / 1000) };
  } finally {
    clients.close();
    server.close();
    await close();
  }
}

async function settled(clients: Clients, messages: number): ReturnType<Clients["stats"]> {
  const deadline = performance.now() + WITHIN_MS;
  for (let before = -1; ;) {
    const stats = await clients.wait(messages, QUIET_MS);
    if (stats.count >= messages || stats.count === before || performance.now() > deadline) return stats;
    before = stats.count;
  }
}

if (import.meta.main) {
  const [users = 10_000, messages = 60_000] = process.argv.slice(2).map(Number);
  await printFigures(() => flood(users, messages));
}
