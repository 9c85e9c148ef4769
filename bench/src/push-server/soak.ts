/**
 * Clients that connect and go without a word, 50 a second over all transports, at any moment of their handshake or
 * after it, while messages are published: how the server's memory grows. What V8 has yet to collect goes up and down
 * by tens of MB, so the slope is that of what stays resident after a collection; the highest is told beside it.
 * `node soak.ts [minutes=5] [series.tsv]`
 */
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ABANDONED_TRANSPORTS, abandon } from "./abandon.ts";
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { printFigures, valueFigure, type Figure } from "./figure.ts";
import { freePort, startPrivateRedis, xadd } from "./private-redis.ts";
import { rssKb } from "./process-usage.ts";
import { startPushProgram } from "./push-program.ts";

interface Sample {
  readonly s: number;
  readonly kb: number;
}

const PER_SECOND = 50;
const MESSAGES_PER_SECOND = 5;
const USERS = 2000;
const SAMPLE_MS = 15_000;
/** After a collection the allocator gives pages back a moment later. */
const SETTLE_MS = 1500;
/** Until code is compiled and caches are as full as they get. */
const WARM_UP_SHARE = 0.2;
const GONE_WITHIN_MS = 15_000;

export async function soak(minutes = 5, series?: string): Promise<readonly Figure[]> {
  const cms = await startAnyCookieCms();
  const { redis, url, close } = await startPrivateRedis();
  const operationsPort = await freePort();
  const settings = {
    "--cms-url": cms.url,
    "--redis-url": url,
    "--operations-port": operationsPort,
    "--retention-messages": 500, // or those count as growth
  };
  const collector = new URL("collect-on-signal.ts", import.meta.url).pathname;
  const server = await startPushProgram(settings, ["--expose-gc", "--import", collector]);
  const samples: Sample[] = [];
  let highestKb = 0;
  let opened = 0;
  const started = performance.now();
  const sample = async (): Promise<void> => {
    const before = rssKb(server.pid);
    highestKb = Math.max(highestKb, before);
    process.kill(server.pid, "SIGUSR2");
    await delay(SETTLE_MS);
    const kept = { s: (performance.now() - started) / 1000, kb: rssKb(server.pid) };
    samples.push(kept);
    if (series !== undefined) appendFileSync(series, `${Math.round(kept.s)}\t${kept.kb}\t${before}\n`);
  };
  try {
    let [sampledAt, published] = [0, 0];
    let sampling = Promise.resolve();
    for (let ms = 0; ms < minutes * 60_000; ms = performance.now() - started) {
      for (; opened < (ms / 1000) * PER_SECOND; opened += 1) {
        const transport = ABANDONED_TRANSPORTS[opened % ABANDONED_TRANSPORTS.length] ?? "xhr";
        abandon(server.port, transport, `user${opened % USERS}`);
      }
      for (; published < (ms / 1000) * MESSAGES_PER_SECOND; published += 1) void xadd(redis, "all", 500);
      if (ms - sampledAt >= SAMPLE_MS) {
        sampledAt = ms;
        sampling = sample(); // clients go on coming meanwhile
      }
      await delay(5);
    }
    await sampling;
    const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
    await delay(GONE_WITHIN_MS);
    const figure = `memory kept, ${minutes} min of ${opened} clients that go without a word`;
    return [
      valueFigure(figure, slopeMbPer10Min(settled), "MB per 10 min", { atMost: 1 }),
      valueFigure("kept at the end", (settled.at(-1)?.kb ?? 0) / 1024, "MB", undefined),
      valueFigure("highest before a collection", highestKb / 1024, "MB", undefined),
      valueFigure("connections that are left", await connectionsLeft(operationsPort), "", { atMost: 0 }),
    ];
  } finally {
    server.kill();
    await close();
  }
}

/** Least squares. */
function slopeMbPer10Min(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [s, kb] = [mean((sample) => sample.s), mean((sample) => sample.kb)];
  const covariance = mean((sample) => (sample.s - s) * (sample.kb - kb));
  const kbPerS = covariance / mean((sample) => (sample.s - s) ** 2);
  return (kbPerS * 600) / 1024;
}

/** What the server itself counts. */
async function connectionsLeft(operationsPort: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${operationsPort}/metrics`)).text();
  const open = [...metrics.matchAll(/^push_connections\{.*\} (\d+)$/gm)];
  if (open.length === 0) throw new Error("The push server counts no connections.");
  return open.reduce((sum, [, count]) => sum + Number(count), 0);
}

if (import.meta.main) {
  const [minutes = "5", series] = process.argv.slice(2);
  await printFigures(() => soak(Number(minutes), series));
}
