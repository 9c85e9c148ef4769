/**
 * Clients that connect and go without a word, 50 a second over all transports, at any moment of their handshake or
 * after it, while messages are published: how the server's memory grows. `node soak.ts [minutes=5] [series.tsv]`
 */
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { startAnyCookieCms } from "./any-cookie-cms.ts";
import { printFigures, valueFigure, type Figure } from "./figure.ts";
import { freePort, startPrivateRedis, xadd } from "./private-redis.ts";
import { rssKb } from "./process-usage.ts";
import { ABANDONED_TRANSPORTS, abandon } from "./abandon.ts";
import { startPushProgram } from "./push-program.ts";

const PER_SECOND = 50;
const MESSAGES_PER_SECOND = 5;
const USERS = 2000;
const SAMPLE_MS = 5000;
/** Until what is bounded has reached its bound: compiled code, caches, the young generation. */
const WARM_UP_SHARE = 0.3;
const GONE_WITHIN_MS = 15_000;

export async function soak(minutes = 5, series?: string): Promise<readonly Figure[]> {
  const cms = await startAnyCookieCms();
  const { redis, url, close } = await startPrivateRedis();
  // Few messages are retained, so that those do not count as growth.
  const operationsPort = await freePort();
  const server = await startPushProgram({
    "--cms-url": cms.url,
    "--redis-url": url,
    "--retention-messages": 500,
    "--operations-port": operationsPort,
  });
  const samples: { readonly s: number; readonly kb: number }[] = [];
  const started = performance.now();
  let opened = 0;
  try {
    for (let sampledAt = 0, published = 0; performance.now() - started < minutes * 60_000; await delay(5)) {
      const ms = performance.now() - started;
      for (; opened < (ms / 1000) * PER_SECOND; opened += 1) {
        abandon(
          server.port,
          ABANDONED_TRANSPORTS[opened % ABANDONED_TRANSPORTS.length] ?? "xhr",
          `user${opened % USERS}`,
        );
      }
      for (; published < (ms / 1000) * MESSAGES_PER_SECOND; published += 1) void xadd(redis, "all", 500);
      if (ms - sampledAt < SAMPLE_MS) continue;
      sampledAt = ms;
      samples.push({ s: ms / 1000, kb: rssKb(server.pid) });
      if (series !== undefined) appendFileSync(series, `${Math.round(ms / 1000)}\t${rssKb(server.pid)}\n`);
    }
    await delay(GONE_WITHIN_MS);
    const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
    return [
      valueFigure(
        `memory, ${minutes} min of ${opened} clients that go without a word`,
        slopeMbPer10Min(settled),
        "MB per 10 min",
        { atMost: 1 },
      ),
      valueFigure("resident at the end", rssKb(server.pid) / 1024, "MB", undefined),
      valueFigure("connections that are left", await connectionsLeft(operationsPort), "", { atMost: 0 }),
    ];
  } finally {
    server.kill();
    await close();
  }
}

/** Least squares. */
function slopeMbPer10Min(samples: readonly { readonly s: number; readonly kb: number }[]): number {
  const mean = (of: (sample: { s: number; kb: number }) => number) =>
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
