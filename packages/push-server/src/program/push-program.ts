/** The composition root of the program: CMS client, push server, ports and metrics, as the configuration says. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { cmsClientOptions, createCmsClient } from "cms-client";
import { listen, openOperationsPort } from "program-operations";
import { collectDefaultMetrics, Registry } from "prom-client";
import { pushServerOptions, type Config } from "../config.ts";
import type { Logger } from "../logger.ts";
import { createPrometheusMetrics, registerStateMetrics } from "../metrics/prometheus.ts";
import { createPushServer } from "../push-server.ts";
import { refusals, refuse } from "../refusal.ts";
import { reportStart } from "./start-report.ts";

export interface PushProgram {
  /** Sends everybody away with a time to come back at, and ends, within `shutdownTimeoutMs`. */
  close(): Promise<void>;
}

/** Longer than nginx keeps its connections to us (60 s): whoever closes first must not be us, or requests fail. */
const KEEP_ALIVE_MS = 75_000;
/** Of the time that a stop has; the rest is for Redis and the ports. */
const DRAIN_SHARE = 0.8;

/** Resolves when browsers can connect. @throws ListenError */
export async function startPushProgram(config: Config, log: Logger): Promise<PushProgram> {
  const closing = new AsyncDisposableStack();
  try {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const cms = createCmsClient(cmsClientOptions(config));
    closing.defer(() => cms.close());
    const push = await createPushServer({
      ...pushServerOptions(config),
      cms,
      logger: log,
      metrics: createPrometheusMetrics(registry),
    });
    registerStateMetrics(registry, () => push.state());
    // Reached when the ports are still open: readiness says no, and polls take the goodbye.
    const drain = () => push.close(config.shutdownTimeoutMs * DRAIN_SHARE);
    closing.defer(drain);

    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, notFound);
    push.attach(server);
    const listener = await listen(server, config.host, config.port);
    closing.defer(() => listener.close());
    log.info({ url: `${listener.url}${config.prefix}`, node: process.version }, "The push server listens.");
    if (config.operationsPort !== undefined) {
      const operations = await openOperationsPort({
        host: config.operationsHost,
        port: config.operationsPort,
        metrics: registry,
        readiness: () => push.state(),
      });
      closing.defer(() => operations.close());
      log.info({ url: operations.url }, "The operations port is open.");
    }

    const asking = new AbortController();
    const report = reportStart({ config, push, cms, log, signal: asking.signal });
    const owned = closing.move();
    return {
      async close() {
        asking.abort();
        await drain();
        await report;
        await owned.disposeAsync();
      },
    };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  refuse(response, refusals.notFound());
}
