/**
 * 10,000 clients whose networks break for 2 s in every 15 s, for two minutes, while messages are published: what
 * arrives, and how soon after their return they have what they missed. Then all of them at once, as when a switch
 * is restarted. Beside it `sockjs`, whose clients come back as quickly, and have no cursor.
 * `node jitter.ts [clients=10000] [seconds=120]`
 */
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { Clients, type ClientsStats } from "./clients.ts";
import { leaveServerCore } from "./cores.ts";
import { printFigures, valueFigure, type Figure } from "./figure.ts";
import { NodePeer } from "./node-peer.ts";
import { startPrivateRedis, steadily, xadd } from "./private-redis.ts";
import { SERVERS } from "./servers.ts";

const PERIOD_MS = 15_000;
const DOWN_MS = 2000;
const BYTES = 500;
/** Of these, every 50th goes to everybody, the others to one user each. */
const PER_SECOND = 100;
const EVERY_ALL = 50;
const RETURNS_WITHIN_MS = 60_000;
/** Of the peer, all of whose messages go to everybody. */
const PEER_SECONDS = 45;

export async function jitter(count = 10_000, seconds = 120): Promise<readonly Figure[]> {
  leaveServerCore();
  const ours = await measure(count, seconds);
  const peer = { sockjs: await sockjsDelivers(count, Math.min(seconds, PEER_SECONDS)) };
  const { unsteady, herd } = ours;
  return [
    valueFigure(
      "delivered to clients that are away 2 s in every 15 s",
      ours.deliveredPercent,
      "%",
      { atLeast: 100 },
      peer,
    ),
    valueFigure("of these, more than once", unsteady.repeated, "messages", { atMost: 0 }),
    valueFigure("returns", unsteady.returned, "", undefined),
    valueFigure("returns that were told something may be missing", unsteady.unrecovered, "", { atMost: 0 }),
    valueFigure("what was missed is there after the return, p99", unsteady.replay_p99_ms / 1000, "s", {
      atMost: 1.5,
    }),
    valueFigure("all return in one moment: p50", herd.replay_p50_ms / 1000, "s", undefined),
    valueFigure("all return in one moment: p99", herd.replay_p99_ms / 1000, "s", undefined),
    valueFigure("all return in one moment: messages lost", ours.herdMissing, "", { atMost: 0 }),
  ];
}

interface Outcome {
  readonly deliveredPercent: number;
  readonly unsteady: ClientsStats;
  readonly herd: ClientsStats;
  readonly herdMissing: number;
}

async function measure(count: number, seconds: number): Promise<Outcome> {
  const cms = await startAnyCookieCms();
  const { redis, url, close } = await startPrivateRedis();
  const server = await NodePeer.start("push-server", { BENCH_CMS_URL: cms.url, BENCH_REDIS_URL: url });
  const herdSeconds = 5;
  const messages = PER_SECOND * (seconds + herdSeconds);
  const { connect } = SERVERS["push-server"];
  const clients = new Clients({ ...connect, ports: [server.port], count, returning: true, messages });
  const send = (first: number) => (number: number) => {
    const n = first + number;
    return xadd(redis, n % EVERY_ALL === 0 ? "all" : `user:user${n % count}`, BYTES, n);
  };
  try {
    await clients.connected;
    await clients.reset();
    await clients.jitter(PERIOD_MS, DOWN_MS);
    const sent = await steadily(PER_SECOND, seconds, send(0));
    await clients.jitter(0, 0);
    await clients.allReady(RETURNS_WITHIN_MS);
    const expected = expectedDeliveries(sent, count);
    const unsteady = await clients.wait(expected, RETURNS_WITHIN_MS);
    const missing = await clients.missing(sent, EVERY_ALL);

    await clients.reset();
    await clients.drop(DOWN_MS);
    const all = sent + (await steadily(PER_SECOND, herdSeconds, send(sent)));
    const herd = await clients.wait(expectedDeliveries(all, count) - expected, RETURNS_WITHIN_MS);
    return {
      deliveredPercent: (1 - missing / expected) * 100,
      unsteady,
      herd,
      herdMissing: (await clients.missing(all, EVERY_ALL)) - missing,
    };
  } finally {
    clients.close();
    server.close();
    await close();
  }
}

function expectedDeliveries(messages: number, count: number): number {
  const toAll = Math.ceil(messages / EVERY_ALL);
  return toAll * count + messages - toAll;
}

/** Percent, of two messages a second to everybody. */
async function sockjsDelivers(count: number, seconds: number): Promise<number> {
  const server = await NodePeer.start("sockjs");
  const messages = 2 * seconds;
  const { connect } = SERVERS.sockjs;
  const clients = new Clients({ ...connect, ports: [server.port], count, returning: true, messages });
  try {
    await clients.connected;
    await clients.jitter(PERIOD_MS, DOWN_MS);
    await steadily(2, seconds, (number) => server.broadcast({ bytes: BYTES, times: 1, number }));
    await clients.jitter(0, 0);
    await clients.allReady(RETURNS_WITHIN_MS);
    return (1 - (await clients.missing(messages, 1)) / (messages * count)) * 100;
  } finally {
    clients.close();
    server.close();
  }
}

if (import.meta.main) {
  const [count = 10_000, seconds = 120] = process.argv.slice(2).map(Number);
  await printFigures(() => jitter(count, seconds));
}
