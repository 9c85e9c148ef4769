/** From flags, environment and file to what docconv-worker is made of. */
import { cmsConfigProblems } from "cms-client";
import { defineConfig, type ConfigOf, type ProgramConfig } from "program-config";
import { ENV_PREFIX, KEYS, type STORE_KEYS } from "./config-keys.ts";
import type { DocconvOptions } from "./docconv.ts";
import type { S3Options } from "./object-stores/s3-object-store.ts";
import type { Scales } from "./scale.ts";

export type Config = ConfigOf<typeof KEYS>;
type StoreConfig = Omit<ConfigOf<typeof STORE_KEYS>, "dataDir" | "workDir">;

const COMMANDS = {
  serve: "Takes jobs, converts, and serves previews until SIGTERM or SIGINT; a second one ends it at once.",
  convert: "Converts a file here and now, without CMS and Redis; see convert --help.",
  queue: "Shows the jobs on Redis, tries failed ones again, cancels; see queue --help.",
  check: "Says what is installed and works, and what to do where it does not; see check --help.",
} as const;

/** `serve`, and what every program has; cli/ has the other commands. */
export const program: ProgramConfig<typeof KEYS, keyof typeof COMMANDS> = defineConfig({
  program: "docconv-worker",
  summary: "Converts documents to page previews, as the users who uploaded them, and announces each step.",
  envPrefix: ENV_PREFIX,
  packageJson: new URL("../package.json", import.meta.url),
  commands: COMMANDS,
  keys: KEYS,
  check: (config) => ({ ...cmsConfigProblems(config), ...ownProblems(config) }),
});

type ConfiguredOptions = Omit<DocconvOptions, "cms" | "publisher" | "logger" | "metrics">;
/** An option without a key does not compile. */
type Every<Options> = { readonly [Name in keyof Required<Options>]: Options[Name] | undefined };

/** What createDocconv can be told by the configuration. */
export function docconvOptions(config: Config): ConfiguredOptions {
  const { credentialKey, previousCredentialKey } = config;
  const options: Every<ConfiguredOptions> = {
    dataDir: config.dataDir,
    workDir: config.workDir,
    s3: s3Options(config),
    jobsSecret: config.jobsSecret,
    redisUrl: config.redisUrl,
    redisPrefix: config.redisPrefix,
    lockMs: config.lockMs,
    credentialKey:
      credentialKey === undefined || previousCredentialKey === undefined
        ? credentialKey
        : [credentialKey, previousCredentialKey],
    credentialTtlMs: config.credentialTtlMs,
    cookieNames: config.cookieNames,
    run: config.run,
    concurrency: config.concurrency,
    officeProcesses: config.officeProcesses,
    scales: parseScales(config.scales),
    snippetScale: config.snippetScale,
    format: config.format,
    pageLimit: config.pageLimit,
    maxDocumentBytes: config.maxDocumentBytes,
    convertTimeoutMs: config.convertTimeoutMs,
    progressIntervalMs: config.progressIntervalMs,
    writeBack:
      config.writeBackField === undefined
        ? undefined
        : { field: config.writeBackField, scale: config.writeBackScale },
    writeBackAttempts: undefined,
    previewsUrl: config.previewsUrl,
    callbackBases: config.callbackBases,
    callbackTimeoutMs: config.callbackTimeoutMs,
    callbackAttempts: {
      attempts: config.callbackAttempts,
      backoffMs: config.callbackBackoffMs,
      backoffDoubles: false,
    },
    ocrLanguages: config.ocrLanguages,
    allowUnsandboxed: config.allowUnsandboxed,
    soffice: config.soffice,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as ConfiguredOptions;
}

/** The bucket, once {@link s3Problems} has nothing to say about it. */
export function s3Options({
  s3Url,
  s3Region,
  s3AccessKeyId = "",
  s3SecretAccessKey = "",
  s3Prefix,
}: StoreConfig): S3Options | undefined {
  if (s3Url === undefined) return undefined;
  const keys = { accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey };
  return { url: s3Url, region: s3Region, prefix: s3Prefix, ...keys };
}

/** What is missing of a bucket. */
export function s3Problems({
  s3Url,
  s3AccessKeyId,
  s3SecretAccessKey,
}: StoreConfig): Partial<Record<keyof StoreConfig, string>> {
  if (s3Url === undefined) return {};
  return {
    ...(s3AccessKeyId === undefined && { s3AccessKeyId: "It is missing: s3Url needs it." }),
    ...(s3SecretAccessKey === undefined && { s3SecretAccessKey: "It is missing: s3Url needs it." }),
  };
}

/** From `small=180` and its like; {@link scalesProblem} has checked them. */
export function parseScales(scales: readonly string[]): Scales {
  return Object.fromEntries(
    scales.map((scale) => scale.split("=")).map(([name, width]) => [name, Number(width)]),
  );
}

const SCALE = /^[a-z][a-z0-9-]{0,30}=[1-9]\d{0,3}$/;

/** What is wrong with the key `scales`. */
export function scalesProblem(scales: readonly string[]): { readonly scales?: string } {
  if (scales.length === 0) return { scales: "It is empty: write at least one, such as normal=700." };
  const bad = scales.find((scale) => !SCALE.test(scale));
  return bad === undefined
    ? {}
    : {
        scales: `${JSON.stringify(bad)} is no scale: write a name in small letters and a width, such as normal=700.`,
      };
}

type Problems = Partial<Record<keyof Config, string>>;

function ownProblems(config: Config): Problems {
  const { run, redisUrl, credentialKey, previousCredentialKey, snippetScale, scales } = config;
  const { port, operationsPort, pushUrl, pushSecret, writeBackScale } = config;
  const problems: [keyof Config, boolean, string][] = [
    [
      "run",
      run !== "all" && redisUrl === undefined,
      "It needs redisUrl: the other part is in another process.",
    ],
    [
      "credentialKey",
      redisUrl !== undefined && credentialKey === undefined,
      "It is missing: redisUrl needs it, the same one in all processes, for example from `openssl rand -hex 32`.",
    ],
    [
      "previousCredentialKey",
      previousCredentialKey !== undefined && credentialKey === undefined,
      "There is no credentialKey that comes after it: set that, too.",
    ],
    [
      "pushUrl",
      run !== "api" && pushUrl === undefined && redisUrl === undefined,
      "It is missing: without it and redisUrl nobody could be told that a preview is ready.",
    ],
    [
      "pushSecret",
      pushUrl !== undefined && pushSecret === undefined,
      "It is missing: pushUrl needs the push server's publishSecret.",
    ],
    [
      "snippetScale",
      snippetScale !== undefined && !scales.some((scale) => scale.startsWith(`${snippetScale}=`)),
      `There is no scale ${JSON.stringify(snippetScale)}: write one of those in scales.`,
    ],
    [
      "writeBackScale",
      writeBackScale !== undefined && !scales.some((scale) => scale.startsWith(`${writeBackScale}=`)),
      `There is no scale ${JSON.stringify(writeBackScale)}: write one of those in scales.`,
    ],
    [
      "operationsPort",
      operationsPort !== undefined && operationsPort !== 0 && operationsPort === port,
      "It is the port of /jobs and /previews: write another one.",
    ],
  ];
  const found = problems.filter(([, isBad]) => isBad).map(([name, , text]) => [name, text]);
  return { ...(Object.fromEntries(found) as Problems), ...scalesProblem(scales), ...s3Problems(config) };
}
