/**
 * The CPU time of one message to everybody, how many deliveries one core sustains, and what several messages for one
 * socket cost together, for this push server and its peers in turn. `node fan-out.ts [connections=10000] [rounds=5]`
 */
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { Clients } from "./clients.ts";
import { leaveServerCore } from "./cores.ts";
import { median, printFigures, ratioFigure, valueFigure, type Figure } from "./figure.ts";
import { SERVER_NAMES, SERVERS, type ServerName } from "./servers.ts";
import type { Broadcast, ServerUnderTest } from "./server-under-test.ts";

interface Cost {
  /** CPU of one message to all, in milliseconds. */
  readonly small: number;
  readonly large: number;
  readonly deliveriesPerS: number;
}

/** CPU of ten messages to all: each when the one before has arrived, and all in one turn. */
interface TenMessages {
  readonly apart: number;
  readonly together: number;
}

const SMALL_BYTES = 500;
const LARGE_BYTES = 5000;
const SUSTAINED_MESSAGES = 30;
const ARRIVES_WITHIN_MS = 60_000;

export async function fanOut(connections = 10_000, rounds = 5): Promise<readonly Figure[]> {
  leaveServerCore();
  const cms = await startAnyCookieCms();
  const costs = {} as Record<ServerName, Cost>;
  let ten: TenMessages = { apart: Number.NaN, together: Number.NaN };
  for (const name of SERVER_NAMES) {
    const server = await SERVERS[name].start({ BENCH_CMS_URL: cms.url });
    const clients = new Clients({ ...SERVERS[name].connect, ports: [server.port], count: connections });
    try {
      await clients.connected;
      const measurement = new Measurement(server, clients, connections, rounds);
      costs[name] = await measurement.cost();
      if (name === "push-server") ten = await measurement.ten();
    } finally {
      clients.close();
      server.close();
    }
  }
  return figures(costs, ten);
}

function figures(
  { "push-server": ours, ws, sockjs, tornado, nchan }: Record<ServerName, Cost>,
  ten: TenMessages,
): readonly Figure[] {
  const small = "CPU, one message of 500 B to all";
  const large = "CPU, one message of 5 kB to all";
  return [
    ratioFigure(small, ours.small, ["ws", ws.small], "ms", { atMost: 1.15 }),
    ratioFigure(large, ours.large, ["ws", ws.large], "ms", { atMost: 1.15 }),
    ratioFigure(small, ours.small, ["sockjs", sockjs.small], "ms", { atLeast: 1.6 }),
    ratioFigure(large, ours.large, ["sockjs", sockjs.large], "ms", { atLeast: 3.3 }),
    ratioFigure(small, ours.small, ["tornado", tornado.small], "ms", { atLeast: 5 }),
    ratioFigure(large, ours.large, ["tornado", tornado.large], "ms", { atLeast: 5 }),
    valueFigure("for comparison: nchan, 500 B", nchan.small, "ms", undefined),
    valueFigure(
      "sustained deliveries, one message a turn",
      ours.deliveriesPerS,
      "per s",
      { atLeast: 80_000 },
      {
        ws: ws.deliveriesPerS,
        sockjs: sockjs.deliveriesPerS,
        tornado: tornado.deliveriesPerS,
        nchan: nchan.deliveriesPerS,
      },
    ),
    ratioFigure(
      "CPU, ten messages to each socket in one turn",
      ten.together,
      ["ten apart", ten.apart],
      "ms",
      {
        atMost: 0.45,
      },
    ),
  ];
}

class Measurement {
  readonly #server: ServerUnderTest;
  readonly #clients: Clients;
  readonly #connections: number;
  readonly #rounds: number;

  constructor(server: ServerUnderTest, clients: Clients, connections: number, rounds: number) {
    this.#server = server;
    this.#clients = clients;
    this.#connections = connections;
    this.#rounds = rounds;
  }

  async cost(): Promise<Cost> {
    const small = { bytes: SMALL_BYTES, times: 1 };
    await this.#cpuOf(small); // the first ones are compiled
    return {
      small: await this.#median(() => this.#cpuOf(small)),
      large: await this.#median(() => this.#cpuOf({ bytes: LARGE_BYTES, times: 1 })),
      deliveriesPerS: await this.#sustained(),
    };
  }

  async ten(): Promise<TenMessages> {
    return {
      apart: await this.#median(async () => {
        let sum = 0;
        for (let i = 0; i < 10; i += 1) sum += await this.#cpuOf({ bytes: SMALL_BYTES, times: 1 });
        return sum;
      }),
      together: await this.#median(() => this.#cpuOf({ bytes: SMALL_BYTES, times: 10 })),
    };
  }

  async #median(measure: () => Promise<number>): Promise<number> {
    const values: number[] = [];
    for (let i = 0; i < this.#rounds; i += 1) values.push(await measure());
    return median(values);
  }

  /** Until everybody has it. */
  async #cpuOf(broadcast: Broadcast): Promise<number> {
    await this.#clients.reset();
    const before = this.#server.cpuMs();
    await this.#server.broadcast(broadcast);
    await this.#arrival(broadcast.times);
    return this.#server.cpuMs() - before;
  }

  async #sustained(): Promise<number> {
    await this.#clients.reset();
    await this.#server.broadcast({ bytes: SMALL_BYTES, times: SUSTAINED_MESSAGES, apart: true });
    const { count, span_ms: ms } = await this.#arrival(SUSTAINED_MESSAGES);
    return count / (ms / 1000);
  }

  async #arrival(times: number): Promise<{ readonly count: number; readonly span_ms: number }> {
    const expected = times * this.#connections;
    const stats = await this.#clients.wait(expected, ARRIVES_WITHIN_MS);
    if (stats.count !== expected) throw new Error(`${stats.count} of ${expected} messages arrived.`);
    return stats;
  }
}

if (import.meta.main)
  await printFigures(() => fanOut(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 5)));
