/**
 * What an idle connection costs in memory, and accepting it in CPU time, for this push server and its peers in turn:
 * everybody for the first time, then everybody again, as after a broken network. `node idle.ts [connections=10000] [rounds=3]`
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createTicket } from "cms-client";
import { startAnyCookieCms, type AnyCookieCms } from "./any-cookie-cms.ts";
import { Clients } from "./clients.ts";
import { leaveServerCore } from "./cores.ts";
import { median, printFigures, ratioFigure, valueFigure, type Figure } from "./figure.ts";
import type { ServerUnderTest } from "./server-under-test.ts";
import { SERVER_NAMES, SERVERS, type ServerName } from "./servers.ts";

interface Accepting {
  readonly cpuUs: number;
  readonly perS: number;
}

interface Cost {
  readonly kbEach: number;
  /** This push server asks the CMS about each. */
  readonly first: Accepting;
  /** It knows them. */
  readonly again: Accepting;
}

type Connect = (typeof SERVERS)[ServerName]["connect"];

/** This server welcomes by itself who sends no hello for 5 s: only then they are idle. */
const WELCOMED_MS = 7000;
/** The server notices that all are gone. */
const GONE_MS = 2000;

export async function idle(connections = 10_000, rounds = 3): Promise<readonly Figure[]> {
  leaveServerCore();
  const cms = await startAnyCookieCms();
  const costs = {} as Record<ServerName, Cost>;
  for (const name of SERVER_NAMES) {
    const measured: Cost[] = [];
    for (let round = 0; round < rounds; round += 1) measured.push(await cost(name, connections, cms));
    costs[name] = {
      kbEach: median(measured.map(({ kbEach }) => kbEach)),
      first: medians(measured.map(({ first }) => first)),
      again: medians(measured.map(({ again }) => again)),
    };
  }
  const { "push-server": ours, ws, sockjs, tornado, nchan } = costs;
  const verifying = await acceptTickets(connections, rounds, cms);
  const peers = (of: (cost: Cost) => number): Record<string, number> => ({
    ws: of(ws),
    sockjs: of(sockjs),
    tornado: of(tornado),
    nchan: of(nchan),
  });
  const target = { atLeast: 1.5 };
  return [
    valueFigure(
      "memory of an idle connection",
      ours.kbEach,
      "KB",
      { atMost: 8 },
      peers((each) => each.kbEach),
    ),
    ratioFigure(
      "CPU to accept one, login known",
      ours.again.cpuUs,
      ["sockjs", sockjs.again.cpuUs],
      "us",
      target,
    ),
    ratioFigure(
      "CPU to accept one, login asked of the CMS",
      ours.first.cpuUs,
      ["sockjs", sockjs.first.cpuUs],
      "us",
      target,
    ),
    ratioFigure(
      "CPU to accept one, login a ticket that is verified here",
      verifying.cpuUs,
      ["sockjs", sockjs.first.cpuUs],
      "us",
      target,
    ),
    valueFigure(
      "accepted, logins known",
      ours.again.perS,
      "per s",
      undefined,
      peers((each) => each.again.perS),
    ),
    valueFigure(
      "accepted, logins asked of the CMS",
      ours.first.perS,
      "per s",
      undefined,
      peers((each) => each.first.perS),
    ),
  ];
}

async function cost(name: ServerName, count: number, cms: AnyCookieCms): Promise<Cost> {
  // Until SockJS's open frame, which is what a peer's client gets, too: the gate has been passed by then.
  const {
    start,
    connect: { hello: _, ...connect },
  } = SERVERS[name];
  const server = await start({ BENCH_CMS_URL: cms.url });
  try {
    const kbBefore = await server.rssKb();
    const first = await accept(server, connect, count, async () => {
      if (name === "push-server") await delay(WELCOMED_MS);
      return ((await server.rssKb()) - kbBefore) / count;
    });
    await delay(GONE_MS);
    const again = await accept(server, connect, count);
    return { kbEach: first.kbEach, first, again };
  } finally {
    server.close();
  }
}

/** Everybody for the first time, each with a ticket of plone.session that is verified without asking Plone. */
async function acceptTickets(count: number, rounds: number, cms: AnyCookieCms): Promise<Accepting> {
  const secret = "what plone.session and the push server share";
  const folder = await mkdtemp(join(tmpdir(), "bench-tickets-"));
  try {
    const headersFile = join(folder, "headers");
    const ticket = (index: number): string => createTicket({ secret, userId: `user${index}` });
    const headers = Array.from({ length: count }, (_, index) => `Cookie: __ac=${ticket(index)}\n`);
    await writeFile(headersFile, headers.join(""));
    const measured: Accepting[] = [];
    for (let round = 0; round < rounds; round += 1) {
      cms.forget();
      const server = await SERVERS["push-server"].start({
        BENCH_CMS_URL: cms.url,
        BENCH_TICKET_SECRET: secret,
      });
      try {
        measured.push(await accept(server, { path: "/push", sockJs: true, headersFile }, count));
      } finally {
        server.close();
      }
      if (cms.probes.size > 0) throw new Error(`The CMS was asked about ${cms.probes.size} tickets.`);
    }
    return medians(measured);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function accept(
  server: ServerUnderTest,
  connect: Connect,
  count: number,
  weigh: () => Promise<number> = () => Promise.resolve(Number.NaN),
): Promise<Accepting & { readonly kbEach: number }> {
  const before = server.cpuMs();
  const clients = new Clients({ ...connect, ports: [server.port], count });
  try {
    const { per_s: perS } = await clients.connected;
    const cpuUs = ((server.cpuMs() - before) / count) * 1000;
    return { cpuUs, perS, kbEach: await weigh() };
  } finally {
    clients.close();
  }
}

function medians(measured: readonly Accepting[]): Accepting {
  return {
    cpuUs: median(measured.map(({ cpuUs }) => cpuUs)),
    perS: median(measured.map(({ perS }) => perS)),
  };
}

if (import.meta.main)
  await printFigures(() => idle(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 3)));
