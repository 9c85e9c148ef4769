/** `docconv-worker check`: what is installed and works, each with OK or with what to do. */
import { CMS_KEYS, cmsClientOptions, cmsConfigProblems, createCmsClient } from "cms-client";
import { type CommandConfig, type ConfigOf, defineCommand } from "program-config";
import { checkConverters } from "../checks/converters.ts";
import type { Finding } from "../checks/finding.ts";
import { checkFonts } from "../checks/fonts.ts";
import { checkBucket, checkFolder, checkPush, checkRedis } from "../checks/services.ts";
import { s3Options, s3Problems } from "../config.ts";
import { CONVERTER_KEYS, ENV_PREFIX, KEYS, QUEUE_KEYS, STORE_KEYS } from "../config-keys.ts";
import type { CommandStreams } from "./command-streams.ts";
import { EXIT } from "./exit-code.ts";

const CMS_URL = {
  // Not required here: what is not configured yet is not checked.
  cmsUrl: {
    type: "url",
    section: "CMS",
    description: "How we reach the CMS's site. Without it, it is not checked.",
  },
} as const;

type CheckKeys = typeof CMS_URL &
  Omit<typeof CMS_KEYS, "cmsUrl"> &
  Pick<typeof KEYS, "pushUrl" | "pushSecret"> &
  typeof STORE_KEYS &
  typeof QUEUE_KEYS &
  typeof CONVERTER_KEYS;

const { pushUrl, pushSecret } = KEYS;

export const checkCommand: CommandConfig<CheckKeys> = defineCommand({
  program: "docconv-worker check",
  summary: "Says what is installed and works, by using it, and what to do where it does not.",
  envPrefix: ENV_PREFIX,
  keys: {
    ...CMS_KEYS,
    ...CMS_URL,
    ...QUEUE_KEYS,
    ...CONVERTER_KEYS,
    ...STORE_KEYS,
    pushUrl,
    pushSecret,
  },
  otherKeys: KEYS,
  check: ({ cmsUrl, ...config }) => ({
    ...(cmsUrl !== undefined && cmsConfigProblems({ ...config, cmsUrl })),
    ...s3Problems(config),
  }),
});

const MARKS = { ok: "OK  ", warning: "WARN", failure: "FAIL" } as const;

/** @returns 1 if something does not work, 0 if there are warnings at most */
export async function check(
  config: ConfigOf<CheckKeys>,
  { stdout, signal }: CommandStreams,
): Promise<number> {
  let failures = 0;
  const checks = [
    () => checkConverters(config, signal),
    () => checkFonts(),
    () => checkFolder("dataDir", config.dataDir),
    () => checkFolder("workDir", config.workDir),
    () => checkBucket(s3Options(config)),
    () => checkRedis(config.redisUrl),
    () => checkCms(config),
    () => checkPush(config.pushUrl, config.pushSecret),
  ];
  for (const one of checks) {
    for await (const { subject, state, text } of one()) {
      if (state === "failure") failures += 1;
      stdout.write(`${MARKS[state]}  ${subject.padEnd(14)}${text}\n`);
    }
    if (signal.aborted) break;
  }
  return failures === 0 ? EXIT.ok : EXIT.failed;
}

async function* checkCms({ cmsUrl, ...config }: ConfigOf<CheckKeys>): AsyncGenerator<Finding> {
  if (cmsUrl === undefined) {
    yield { subject: "CMS", state: "warning", text: "Not configured: set cmsUrl before you serve." };
    return;
  }
  const cms = createCmsClient(cmsClientOptions({ ...config, cmsUrl }));
  try {
    const { reachable, detail } = await cms.describe();
    yield { subject: "CMS", state: reachable ? "ok" : "failure", text: detail };
  } finally {
    await cms.close();
  }
}
