/** What the status page looks at in this program, put together. */
import type { CmsClient } from "cms-client";
import type { Config } from "../config.ts";
import type { Logger } from "../logger.ts";
import type { PushServer } from "../push-server.ts";
import { cmsCheck } from "../status/checks/cms-check.ts";
import { jobCheck } from "../status/checks/job-check.ts";
import { connectionsCheck, windowCheck } from "../status/checks/load-check.ts";
import { logCheck } from "../status/checks/log-check.ts";
import { queueCheck } from "../status/checks/queue-check.ts";
import { roundTripCheck, type Connect } from "../status/checks/round-trip-check.ts";
import { StatusApi } from "../status/status-api.ts";
import { StatusConnection } from "../status/status-connection.ts";
import type { StatusLogin } from "../status/status-login.ts";
import { StatusReport } from "../status/status-report.ts";
import type { EmbeddedWorker } from "./embedded-worker.ts";
import { retryOnRedis } from "./redis-jobs.ts";
import { readRedisQueue } from "./redis-queue.ts";

export interface ProgramStatusOptions {
  readonly config: Config;
  readonly push: PushServer;
  readonly cms: CmsClient;
  readonly login: StatusLogin;
  readonly worker: EmbeddedWorker | undefined;
  /** Where this process listens, as in `http://127.0.0.1:8070`. */
  readonly url: string;
  readonly log: Logger;
}

export function createStatusApi({
  config,
  push,
  cms,
  login,
  worker,
  url,
  log,
}: ProgramStatusOptions): StatusApi {
  const { prefix, redisUrl, allowedOrigins, cookieNames, statusSecret, statusGroups, docconvRedisPrefix } =
    config;
  const state = () => push.state();
  const cookie = () => login.cookie();
  const connect: Connect = (signal) =>
    StatusConnection.open({ url: url + prefix, origin: allowedOrigins[0] ?? url, cookie: cookie(), signal });
  const checks = [
    cmsCheck(cms),
    logCheck(state, redisUrl),
    windowCheck(state, config),
    connectionsCheck(state, config),
    roundTripCheck(connect, push),
  ];
  const retryJob =
    worker?.retryJob ?? (redisUrl === undefined ? undefined : retryOnRedis(redisUrl, docconvRedisPrefix));
  if (worker) {
    checks.push(queueCheck(worker.queueState));
    checks.push(jobCheck({ connect, enqueue: worker.enqueueAt(url), cookie, cmsUrl: config.cmsUrl }));
  } else if (redisUrl !== undefined) {
    checks.push(queueCheck(() => readRedisQueue(redisUrl, docconvRedisPrefix)));
  }
  return new StatusApi({
    path: `${prefix}/status`,
    report: new StatusReport(checks),
    retryJob,
    cms,
    cookieNames,
    secret: statusSecret,
    groups: statusGroups,
    logger: log,
  });
}
