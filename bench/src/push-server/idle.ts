/**
 * What an idle connection costs in memory, and accepting it in CPU time, for this push server and its peers in turn.
 * `node idle.ts [connections=10000] [rounds=3]`
 */
import { startAnyCookieCms, type AnyCookieCms } from "./any-cookie-cms.ts";
import { Clients } from "./clients.ts";
import { leaveServerCore } from "./cores.ts";
import { median, printFigures, ratioFigure, valueFigure, type Figure } from "./figure.ts";
import { SERVER_NAMES, SERVERS, type ServerName } from "./servers.ts";

interface Cost {
  readonly kbEach: number;
  readonly acceptUs: number;
  readonly acceptedPerS: number;
}

export async function idle(connections = 10_000, rounds = 3): Promise<readonly Figure[]> {
  leaveServerCore();
  const cms = await startAnyCookieCms();
  const costs = {} as Record<ServerName, Cost>;
  for (const name of SERVER_NAMES) costs[name] = await cost(name, connections, rounds, cms);
  const ours = costs["push-server"];
  const { ws, sockjs, tornado, nchan } = costs;
  const kb = { ws: ws.kbEach, sockjs: sockjs.kbEach, tornado: tornado.kbEach, nchan: nchan.kbEach };
  return [
    valueFigure("memory of an idle connection", ours.kbEach, "KB", { atMost: 8 }, kb),
    ratioFigure(
      "CPU to accept one, its login asked of the CMS",
      ours.acceptUs,
      ["sockjs", sockjs.acceptUs],
      "us",
      {
        atLeast: 1.5,
      },
    ),
    valueFigure("accepted, logins asked of the CMS", ours.acceptedPerS, "per s", undefined, {
      ws: ws.acceptedPerS,
      sockjs: sockjs.acceptedPerS,
      tornado: tornado.acceptedPerS,
      nchan: nchan.acceptedPerS,
    }),
  ];
}

async function cost(name: ServerName, connections: number, rounds: number, cms: AnyCookieCms): Promise<Cost> {
  const measured: Cost[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await once(name, connections, cms));
  return {
    kbEach: median(measured.map(({ kbEach }) => kbEach)),
    acceptUs: median(measured.map(({ acceptUs }) => acceptUs)),
    acceptedPerS: median(measured.map(({ acceptedPerS }) => acceptedPerS)),
  };
}

async function once(name: ServerName, count: number, cms: AnyCookieCms): Promise<Cost> {
  const { start, connect } = SERVERS[name];
  const server = await start({ BENCH_CMS_URL: cms.url });
  const kbBefore = await server.rssKb();
  const cpuBefore = server.cpuMs();
  const clients = new Clients({ ...connect, ports: [server.port], count });
  try {
    const { per_s: acceptedPerS } = await clients.connected;
    const acceptUs = ((server.cpuMs() - cpuBefore) / count) * 1000;
    return { kbEach: ((await server.rssKb()) - kbBefore) / count, acceptUs, acceptedPerS };
  } finally {
    clients.close();
    server.close();
  }
}

if (import.meta.main)
  await printFigures(() => idle(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 3)));
