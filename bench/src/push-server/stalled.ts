/**
 * Readers that stall: what each takes of the server's memory while it is offered 15 MB, whether it is sent away, whether
 * it has everything when it comes back, and what the others notice. `node stalled.ts [readers=100] [stalled=20]`
 */
import { setTimeout as delay } from "node:timers/promises";
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { Clients } from "./clients.ts";
import { leaveServerCore } from "./cores.ts";
import { printFigures, ratioFigure, valueFigure, type Figure } from "./figure.ts";
import { NodePeer } from "./node-peer.ts";
import { rssKb } from "./process-usage.ts";
import { SERVERS } from "./servers.ts";

interface Outcome {
  /** MB of the server's memory for each stalled reader, beyond what the same messages take without them. */
  readonly mbEach: number;
  /** Stalled readers that the server still has when all is sent. */
  readonly leftOpen: number;
  readonly missing: number;
  readonly p99Before: number;
  readonly p99During: number;
}

const BYTES = 5000;
const MESSAGES = 3000; // 15 MB
const PER_SECOND = 300;
const NAMES = ["push-server", "ws", "sockjs"] as const;
/** A reader has to be gone so long after the last message that waits for it. */
const CLOSED_WITHIN_MS = 5000;
/** More than push-server retains, so that its memory grows no more for that reason. */
const PREFILL = 15_000;

export async function stalled(readers = 100, count = 20): Promise<readonly Figure[]> {
  leaveServerCore();
  const outcomes = {} as Record<(typeof NAMES)[number], Outcome>;
  for (const name of NAMES) outcomes[name] = await measure(name, readers, count);
  const { "push-server": ours, ws, sockjs } = outcomes;
  const peers = (of: (outcome: Outcome) => number) => ({ ws: of(ws), sockjs: of(sockjs) });
  return [
    valueFigure(
      "memory of a stalled reader offered 15 MB",
      ours.mbEach,
      "MB",
      { atMost: 1 },
      peers((o) => o.mbEach),
    ),
    valueFigure(
      `of ${count} stalled readers, still connected after`,
      ours.leftOpen,
      "readers",
      { atMost: 0 },
      peers((o) => o.leftOpen),
    ),
    valueFigure("messages that they lack after they came back", ours.missing, "messages", { atMost: 0 }),
    ratioFigure(
      "p99 of everyone else, stalled readers there",
      ours.p99During,
      ["without them", ours.p99Before],
      "ms",
      { atMost: 1.25 },
    ),
    valueFigure(
      "for comparison: p99 of everyone else",
      ours.p99During,
      "ms",
      undefined,
      peers((o) => o.p99During),
    ),
  ];
}

async function measure(name: (typeof NAMES)[number], readers: number, count: number): Promise<Outcome> {
  const cms = await startAnyCookieCms();
  const { connect } = SERVERS[name];
  const server = await NodePeer.start(name, { BENCH_CMS_URL: cms.url });
  const ports = [server.port];
  await server.broadcast({ bytes: BYTES, times: PREFILL });
  const everyone = new Clients({ ...connect, ports, count: readers });
  await everyone.connected;
  const header = "Cookie: __ac=stalled%d";
  const returning = name === "push-server";
  let others: Clients | undefined;
  try {
    const without = await send(server, everyone, readers, 0);
    others = new Clients({ ...connect, ports, count, header, returning, messages: 2 * MESSAGES });
    await others.connected;
    await others.stall();
    const withThem = await send(server, everyone, readers, MESSAGES);
    await delay(CLOSED_WITHIN_MS);
    const leftOpen = (await server.connections()) - readers;
    return {
      mbEach: (withThem.grownKb - without.grownKb) / 1024 / count,
      leftOpen,
      missing: returning ? await lacking(others, count) : Number.NaN,
      p99Before: without.p99,
      p99During: withThem.p99,
    };
  } finally {
    everyone.close();
    others?.close();
    server.close();
  }
}

/** Sends 15 MB to everybody; how much the server grew meanwhile at most, and when everyone who reads had it. */
async function send(
  server: NodePeer,
  everyone: Clients,
  readers: number,
  firstNumber: number,
): Promise<{ readonly grownKb: number; readonly p99: number }> {
  await everyone.reset();
  const before = await server.rssKb();
  let most = before;
  const started = performance.now();
  for (let sent = 0; sent < MESSAGES;) {
    const due = Math.min(MESSAGES, Math.floor(((performance.now() - started) / 1000) * PER_SECOND) + 1);
    for (; sent < due; sent += 1)
      await server.broadcast({ bytes: BYTES, times: 1, number: firstNumber + sent });
    most = Math.max(most, rssKb(server.pid));
    await delay(1);
  }
  const stats = await everyone.wait(MESSAGES * readers, 30_000);
  if (stats.count !== MESSAGES * readers) throw new Error(`${stats.count} of ${MESSAGES * readers} arrived.`);
  return { grownKb: most - before, p99: stats.p99_ms };
}

async function lacking(others: Clients, count: number): Promise<number> {
  await others.resume();
  await others.wait(count * MESSAGES, 20_000);
  // Numbers from MESSAGES on were sent while they stalled; those before it, before they came.
  return (await others.missing(2 * MESSAGES, 1)) - count * MESSAGES;
}

if (import.meta.main) {
  const [readers = 100, count = 20] = process.argv.slice(2).map(Number);
  await printFigures(() => stalled(readers, count));
}
