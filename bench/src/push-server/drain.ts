/**
 * SIGTERM with 10,000 clients while messages are published, two nodes on one Redis: when all are back on the other,
 * what is lost, how often the CMS is asked about each cookie. `node drain.ts [clients=10000]`
 */
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { Clients } from "./clients.ts";
import { leaveServerCore } from "./cores.ts";
import { printFigures, valueFigure, type Figure } from "./figure.ts";
import { startPrivateRedis, steadily, xadd } from "./private-redis.ts";
import { startPushProgram } from "./push-program.ts";
import { SERVERS } from "./servers.ts";

const BYTES = 500;
const PER_SECOND = 50;
const EVERY_ALL = 50;
/** As connections.ts spreads them: a thousand come back in a second. */
const COME_BACK_PER_SECOND = 1000;
/** For the last one's handshake and replay. */
const MARGIN_S = 1;
const SECONDS_BEFORE = 3;
const SECONDS_AFTER = 25;

export async function drain(count = 10_000): Promise<readonly Figure[]> {
  leaveServerCore();
  const cms = await startAnyCookieCms();
  const { redis, url, close } = await startPrivateRedis();
  const settings = { "--cms-url": cms.url, "--redis-url": url, "--revalidate-ms": 600_000 };
  const nodes = [await startPushProgram(settings), await startPushProgram(settings)] as const;
  const ports = nodes.map(({ port }) => port);
  const messages = PER_SECOND * (SECONDS_BEFORE + SECONDS_AFTER);
  const clients = new Clients({ ...SERVERS["push-server"].connect, ports, count, returning: true, messages });
  const send = (number: number) =>
    xadd(redis, number % EVERY_ALL === 0 ? "all" : `user:user${number % count}`, BYTES, number);
  try {
    await clients.connected;
    cms.forget();
    await clients.reset();
    const before = await steadily(PER_SECOND, SECONDS_BEFORE, send);
    const sending = steadily(PER_SECOND, SECONDS_AFTER, (number) => send(before + number));
    const started = performance.now();
    const code = await nodes[0].terminate();
    const endedAfterS = (performance.now() - started) / 1000;
    const back = await clients.allReady(60_000);
    const backAfterS = (performance.now() - started) / 1000;
    await sending;
    const stats = await clients.wait(Math.ceil(messages / EVERY_ALL) * (count - 1) + messages, 20_000);
    const windowS = Math.max(1, count / COME_BACK_PER_SECOND);
    return [
      valueFigure(`of ${count} clients, told when to come back`, stats.closed_4012, "", { atLeast: count }),
      valueFigure(`all are back on the other node (window: ${windowS} s)`, backAfterS, "s", {
        atMost: windowS + MARGIN_S,
      }),
      valueFigure("back after the time that each was told, p99", back.back_p99_ms / 1000, "s", undefined),
      valueFigure("messages lost", await clients.missing(messages, EVERY_ALL), "", { atMost: 0 }),
      valueFigure("messages more than once", stats.repeated, "", { atMost: 0 }),
      valueFigure("most questions to the CMS about one cookie", Math.max(...cms.probes.values()), "", {
        atMost: 1,
      }),
      valueFigure(`the node ended with ${code}`, endedAfterS, "s", { atMost: 15 }),
    ];
  } finally {
    clients.close();
    for (const node of nodes) node.kill();
    await close();
  }
}

if (import.meta.main) await printFigures(() => drain(Number(process.argv[2] ?? 10_000)));
