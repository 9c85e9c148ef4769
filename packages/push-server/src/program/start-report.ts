/** What the log says once the program serves: where, with which CMS and which log, and what somebody should change. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { CmsClient } from "cms-client";
import type { Config } from "../config.ts";
import type { Logger } from "../logger.ts";
import { errorFields } from "../logger.ts";
import type { PushServer } from "../push-server.ts";
import { inspectRedis } from "./redis-inspection.ts";

export interface StartReportOptions {
  readonly config: Config;
  readonly push: PushServer;
  readonly cms: CmsClient;
  readonly log: Logger;
  /** Ends the questions to CMS and Redis. */
  readonly signal: AbortSignal;
}

const ASK_AGAIN_MS = 5000;

/** Asks the CMS and Redis, while the program serves already. Does not throw. */
export async function reportStart({ config, push, cms, log, signal }: StartReportOptions): Promise<void> {
  for (const warning of warningsOf(config)) log.warn({}, warning);
  const { log: messageLog } = push.state();
  log[messageLog.ok ? "info" : "warn"]({ driver: messageLog.driver }, messageLog.detail);
  await Promise.all([reportCms(cms, log, signal), reportRedis(config, log, signal)]);
}

/** Says it again when more is known: the CMS was away, or only its first user shows which question it answers. */
async function reportCms(cms: CmsClient, log: Logger, signal: AbortSignal): Promise<void> {
  let said: string | undefined;
  try {
    for (;;) {
      const { adapter, baseUrl, reachable, probe, detail } = await cms.describe(signal);
      if (detail !== said) log[reachable ? "info" : "warn"]({ adapter, baseUrl, question: probe }, detail);
      if (reachable && probe !== undefined) return;
      said = detail;
      await delay(ASK_AGAIN_MS, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) log.warn(errorFields(error), "The CMS could not be asked.");
  }
}

async function reportRedis({ redisUrl }: Config, log: Logger, signal: AbortSignal): Promise<void> {
  if (redisUrl === undefined) return;
  try {
    const { version, records, warnings } = await inspectRedis(redisUrl);
    if (signal.aborted) return;
    log.info({ version, records }, "Redis answers.");
    for (const warning of warnings) log.warn({}, warning);
  } catch {
    // the message log has said so, and goes on trying
  }
}

/** Files that are open beside connections: modules, Redis, the CMS. */
const OTHER_FILES = 200;

function warningsOf(config: Config): readonly string[] {
  const { publishSecret, redisUrl, maxConnections } = config;
  const warnings: string[] = [];
  if (publishSecret === undefined && redisUrl === undefined) {
    warnings.push("Nobody else can publish: set PUSH_PUBLISH_SECRET to publish over HTTP, or REDIS_URL.");
  }
  const files = openFilesLimit();
  if (files !== undefined && files < maxConnections + OTHER_FILES) {
    warnings.push(
      `This process may open ${files} files, which is less than maxConnections (${maxConnections}): raise the limit (LimitNOFILE, ulimit -n).`,
    );
  }
  return warnings;
}

/** The soft limit; undefined where there is no /proc. proc(5), "/proc/pid/limits". */
function openFilesLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
