/**
 * Memory per idle connection, accepting, and the CPU of one message to all, for this push server
 * and its peers in turn, in one run. `node fan-out.ts [connections=10000] [rounds=5]`
 */
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { LoadGenerator } from "./load-generator.ts";
import { Peer } from "./peer.ts";
import { median, SERVER_NAMES, SERVERS } from "./servers.ts";

const connections = Number(process.argv[2] ?? 10_000);
const rounds = Number(process.argv[3] ?? 5);
const sizes = [500, 5000] as const;

const cmsUrl = await startAnyCookieCms();
const rows = [];
for (const name of SERVER_NAMES) {
  const peer = await Peer.start(name, { BENCH_CMS_URL: cmsUrl });
  const before = await peer.rssKb();
  const load = new LoadGenerator({ ...SERVERS[name], port: peer.port, connections });
  try {
    const connected = await load.connected;
    const row: Record<string, number | string> = {
      server: name,
      "KB per connection": round((await peer.rssKb()) - before, connections),
      "accepted per s": Math.round(connected.conn_per_s),
    };
    for (const bytes of sizes) {
      const cpu: number[] = [];
      for (let i = 0; i < rounds + 1; i += 1) {
        await load.reset();
        const cpuBefore = await peer.cpuMs();
        await peer.tell({ do: "broadcast", bytes, times: 1 });
        const stats = await load.wait(connections, 20_000);
        if (stats.count !== connections)
          throw new Error(`${name}: ${stats.count} of ${connections} delivered.`);
        if (i > 0) cpu.push((await peer.cpuMs()) - cpuBefore); // the first warms up
      }
      row[`CPU ms, one ${bytes} B to all`] = Math.round(median(cpu));
    }
    await load.reset();
    await peer.tell({ do: "broadcast", bytes: 500, times: 40 });
    const flood = await load.wait(40 * connections, 60_000);
    row["deliveries per s"] = Math.round(flood.count / (flood.span_ms / 1000));
    rows.push(row);
  } finally {
    load.close();
    peer.close();
  }
}
console.table(rows);
process.exit(0);

function round(kb: number, count: number): number {
  return Math.round((kb / count) * 100) / 100;
}
