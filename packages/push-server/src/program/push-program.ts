/** The composition root of the program: CMS client, push server, ports and metrics, as the configuration says. */
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { cmsClientOptions, createCmsClient } from "cms-client";
import { listen, openOperationsPort } from "program-operations";
import { collectDefaultMetrics, Registry } from "prom-client";
import { pushServerOptions, type Config } from "../config.ts";
import type { Logger } from "../logger.ts";
import { createPrometheusMetrics, registerStateMetrics } from "../metrics/prometheus.ts";
import { createPushServer, type PushServer } from "../push-server.ts";
import { refusals, refuse, refuseUpgrade } from "../refusal.ts";
import type { StatusApi } from "../status/status-api.ts";
import { StatusLogin } from "../status/status-login.ts";
import { startEmbeddedWorker, type EmbeddedWorker } from "./embedded-worker.ts";
import { reportStart } from "./start-report.ts";
import { createStatusApi } from "./status.ts";

export interface PushProgram {
  /** Sends everybody away with a time to come back at, and ends, within `shutdownTimeoutMs`. */
  close(): Promise<void>;
}

/** Longer than nginx keeps its connections to us (60 s): whoever closes first must not be us, or requests fail. */
const KEEP_ALIVE_MS = 75_000;
/** A proxy sends whole requests at once; whoever sends them drop by drop keeps a connection for no longer. */
const REQUEST_MS = { headersTimeout: 20_000, requestTimeout: 60_000, connectionsCheckingInterval: 5000 };
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
    const [cookieName = ""] = config.cookieNames;
    const login = new StatusLogin({ cms, cookieName, secret: statusLoginSecret(config) });
    const push = await createPushServer({
      ...pushServerOptions(config),
      cms: login,
      logger: log,
      metrics: createPrometheusMetrics(registry),
    });
    registerStateMetrics(registry, () => push.state());
    closing.defer(() => push.close());
    const worker = config.embedded
      ? await startEmbeddedWorker({ config, cms: login, publisher: push, log })
      : undefined;
    // Both while the ports are still open: readiness says no, and polls take the goodbye.
    const drainMs = config.shutdownTimeoutMs * DRAIN_SHARE;
    const drain = async (): Promise<void> => {
      await Promise.all([worker?.close(drainMs), push.close(drainMs)]);
    };
    closing.defer(drain);

    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, ...REQUEST_MS });
    const listener = await listen(server, config.host, config.port);
    closing.defer(() => listener.close());
    serve(
      server,
      push,
      worker,
      createStatusApi({ config, push, cms, login, worker, url: listener.url, log }),
    );
    log.info({ url: `${listener.url}${config.prefix}`, node: process.version }, "The push server listens.");
    if (worker)
      log.info({ url: listener.url }, "The embedded worker takes jobs at /jobs, and serves /previews.");
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

function serve(
  server: Server,
  push: PushServer,
  worker: EmbeddedWorker | undefined,
  status: StatusApi,
): void {
  server.on("request", (request, response) => {
    if (status.handle(request, response) || push.handle(request, response)) return;
    if (!worker?.handle(request, response)) refuse(response, refusals.notFound());
  });
  server.on("upgrade", (request, socket, head) => {
    if (!push.handleUpgrade(request, socket, head)) refuseUpgrade(socket, refusals.notFound());
  });
}

/** Those that share a queue have this secret in common; without a queue nobody else needs it. */
function statusLoginSecret({ docconvJobsSecret }: Config): string {
  if (docconvJobsSecret === undefined) return randomBytes(32).toString("hex");
  return createHmac("sha256", docconvJobsSecret).update("push-server status login").digest("hex");
}
