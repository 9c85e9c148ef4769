/** `docconv-worker serve`: intake, worker and previews behind HTTP, as the configuration says. */
import { createServer } from "node:http";
import { cmsClientOptions, createCmsClient } from "cms-client";
import { listen, openOperationsPort, type Readiness } from "program-operations";
import type { Publisher } from "../announcer.ts";
import { type Config, docconvOptions } from "../config.ts";
import { forbidCoreDumps } from "../core-dumps.ts";
import { createDocconv, type Docconv } from "../docconv.ts";
import { notFound, sendError } from "../http-answer.ts";
import type { Logger } from "../logger.ts";
import { PrometheusMetrics } from "../prometheus-metrics.ts";
import { HttpPublisher } from "../publishers/http-publisher.ts";
import { RedisPublisher } from "../publishers/redis-publisher.ts";
import { within } from "../within.ts";

/** Of the time that a stop has, what running jobs may take; putting back those that are cut short takes the rest. */
const RUNNING_SHARE = 0.8;
/** How long downloads may take that a stop finds under way. */
const ANSWER_GRACE_MS = 1000;
/** A Redis that is silent for so long is away. */
const REDIS_PATIENCE_MS = 1000;

/** What was started. */
export interface Service {
  /** Takes no more work, waits for what runs, and puts back what is cut short. */
  close(): Promise<void>;
}

/** @throws DocconvError `no-sandbox`; ListenError for a port that cannot be opened */
export async function startService(config: Config, log: Logger): Promise<Service> {
  const closers: (() => Promise<void>)[] = [];
  let isStopping = false;
  const close = async (): Promise<void> => {
    isStopping = true;
    for (const closer of closers.toReversed()) await closer();
  };
  if (!(await forbidCoreDumps())) {
    log.warn(
      {},
      "A crash could write users' cookies into a core file: set LimitCORE=0, or install util-linux.",
    );
  }
  try {
    const cms = createCmsClient(cmsClientOptions(config));
    closers.push(() => cms.close());
    const publisher = createPublisher(config, log);
    if (publisher) closers.push(() => publisher.close());
    const metrics = new PrometheusMetrics();
    const options = { ...docconvOptions(config), ...(publisher && { publisher }), cms, logger: log, metrics };
    const docconv = await createDocconv(options);
    metrics.watchQueue(() => within(REDIS_PATIENCE_MS, docconv.queue.counts()));
    const { operationsHost: host, operationsPort: port } = config;
    if (port !== undefined) {
      const readiness = (): Promise<Readiness> => readinessOf(docconv, isStopping);
      const operations = await openOperationsPort({ host, port, metrics: metrics.registry, readiness });
      closers.push(() => operations.close());
      log.info({ url: operations.url }, "Metrics and health are served.");
    }
    // After the operations port, so that a stop can be watched there to its end.
    closers.push(() => docconv.close(RUNNING_SHARE * config.shutdownTimeoutMs));
    if (config.run !== "worker") {
      const server = createServer((request, response) => {
        if (!docconv.handle(request, response))
          sendError(response, notFound("Here are /jobs and /previews."));
      });
      const listener = await listen(server, config.host, config.port);
      closers.push(() => listener.close(ANSWER_GRACE_MS));
      log.info({ url: listener.url }, "Jobs and previews are served.");
    }
    log.info({ run: config.run, queue: config.redisUrl === undefined ? "memory" : "redis" }, "Started.");
    void cms.describe().then(({ detail, reachable }) => log[reachable ? "info" : "warn"]({}, detail));
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readinessOf(docconv: Docconv, isStopping: boolean): Promise<Readiness> {
  if (isStopping) return { ready: false, detail: "It is stopping." };
  try {
    await within(REDIS_PATIENCE_MS, docconv.queue.counts());
    return { ready: true, detail: "The queue answers." };
  } catch {
    const detail = "Redis does not answer: check that it runs, and redisUrl. Jobs wait there, none is lost.";
    return { ready: false, detail };
  }
}

interface ClosablePublisher extends Publisher {
  close(): Promise<void>;
}

/** Undefined for what publishes nothing; the configuration is checked. */
function createPublisher(config: Config, logger: Logger): ClosablePublisher | undefined {
  const { run, pushUrl, pushSecret = "", pushLog, redisUrl } = config;
  if (run === "api") return undefined;
  if (pushUrl !== undefined) return new HttpPublisher({ url: pushUrl, secret: pushSecret });
  return redisUrl === undefined ? undefined : new RedisPublisher({ url: redisUrl, key: pushLog, logger });
}
