/** From flags, environment and file to what push-server is made of. */
import { CMS_KEYS, cmsConfigProblems } from "cms-client";
import { defineConfig, type ConfigOf, type ProgramConfig } from "program-config";
import { PUSH_KEYS } from "./config-keys.ts";
import type { PushServerLimits } from "./limits.ts";
import type { PushServerOptions } from "./push-server.ts";

type Keys = typeof PUSH_KEYS & typeof CMS_KEYS;

export type Config = ConfigOf<Keys>;

export const program: ProgramConfig<Keys, "serve"> = defineConfig({
  program: "push-server",
  summary: "Relays messages to the browsers of those who may see them, over SockJS and WebSocket.",
  envPrefix: "PUSH_",
  packageJson: new URL("../package.json", import.meta.url),
  commands: { serve: "Serves until SIGTERM or SIGINT; a second one ends it at once." },
  keys: { ...CMS_KEYS, ...PUSH_KEYS },
  check: (config) => ({ ...cmsConfigProblems(config), ...ownProblems(config) }),
});

/** What createPushServer can be told by the configuration. */
export function pushServerOptions(config: Config): Omit<PushServerOptions, "cms" | "logger" | "metrics"> {
  const { allowedOrigins, redisUrl, publishSecret, sockJsClientUrl } = config;
  return {
    prefix: config.prefix,
    ...(allowedOrigins.length > 0 && { allowedOrigins }),
    cookieNames: config.cookieNames,
    ...(redisUrl !== undefined && { redisUrl }),
    ...(publishSecret !== undefined && { publishSecret }),
    ...(sockJsClientUrl !== undefined && { sockJsClientUrl }),
    revalidateMs: config.revalidateMs,
    limits: limits(config),
    retention: {
      maxAgeMs: config.retentionMs,
      maxBytes: config.retentionBytes,
      maxEntries: config.retentionMessages,
      maxTopicShare: config.retentionTopicPercent / 100,
    },
  };
}

/** All of them, so that a limit without a key does not compile. */
function limits(config: Config): PushServerLimits {
  return {
    maxConnections: config.maxConnections,
    maxConnectionsPerUser: config.maxConnectionsPerUser,
    maxPendingHandshakes: config.maxPendingHandshakes,
    maxSubscriptions: config.maxSubscriptions,
    maxFrameBytes: config.maxFrameBytes,
    maxFramesPerSecond: config.maxFramesPerSecond,
    maxBufferedBytes: config.maxBufferedBytes,
    maxStallMs: config.maxStallMs,
    helloTimeoutMs: config.helloTimeoutMs,
    sessionTimeoutMs: config.sessionTimeoutMs,
    maxPublishBytes: config.maxPublishBytes,
  };
}

function ownProblems(config: Config): Partial<Record<keyof Config, string>> {
  const { prefix, port, operationsPort, embedded, redisUrl } = config;
  const problems: readonly (readonly [key: keyof Config, isBad: boolean, text: string])[] = [
    [
      "prefix",
      !/^(\/[\w.~-]+)+$/.test(prefix),
      `${JSON.stringify(prefix)} is no path: write one such as /push, without a slash at its end.`,
    ],
    [
      "operationsPort",
      operationsPort !== undefined && operationsPort !== 0 && operationsPort === port,
      "It is the port that browsers come to: write another one.",
    ],
    [
      "docconvJobsSecret",
      embedded && config.docconvJobsSecret === undefined,
      "It is missing: embedded needs it, for example from `openssl rand -hex 32`, the same as the CMS has.",
    ],
    [
      "docconvCredentialKey",
      embedded && redisUrl !== undefined && config.docconvCredentialKey === undefined,
      "It is missing: embedded with redisUrl needs it, the same one in all processes.",
    ],
  ];
  return Object.fromEntries(problems.filter(([, isBad]) => isBad).map(([key, , text]) => [key, text]));
}
