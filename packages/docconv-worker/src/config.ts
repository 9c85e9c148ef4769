/** From flags, environment and file to what docconv-worker is made of. */
import { cmsConfigProblems } from "cms-client";
import {
  defineCommand,
  defineConfig,
  type CommandConfig,
  type ConfigOf,
  type ProgramConfig,
} from "program-config";
import { CONVERTER_KEYS, KEYS, QUEUE_KEYS } from "./config-keys.ts";
import type { DocconvOptions } from "./docconv.ts";
import type { Scales } from "./scale.ts";

export type Config = ConfigOf<typeof KEYS>;

const ENV_PREFIX = "DOCCONV_";

const COMMANDS = {
  serve: "Takes jobs in, converts, and serves previews until SIGTERM or SIGINT; a second one ends it at once.",
  convert: "FILE --out DIR: converts a file, here and now, without CMS and Redis.",
  queue: "Counts the jobs on Redis, shows those that failed, tries them again, cancels.",
  check: "Says what is installed and works: sandbox, converters, fonts, Redis, CMS; and what to do.",
} as const;

/** `serve`, and what every program has; the other commands have flags of their own. */
export const program: ProgramConfig<typeof KEYS, keyof typeof COMMANDS> = defineConfig({
  program: "docconv-worker",
  summary: "Converts documents to page previews, as the user who uploaded them, and announces each step.",
  envPrefix: ENV_PREFIX,
  packageJson: new URL("../package.json", import.meta.url),
  commands: COMMANDS,
  keys: KEYS,
  check: (config) => ({ ...cmsConfigProblems(config), ...ownProblems(config) }),
});

const CONVERT_KEYS = {
  out: {
    type: "string",
    required: true,
    section: "Output",
    description: "The folder that pages are written to; it is made where it is missing.",
  },
  pages: {
    type: "integer",
    default: 20,
    min: 1,
    section: "Output",
    description: "The most pages that are rendered.",
  },
} as const;

export const convertCommand: CommandConfig<typeof CONVERT_KEYS & typeof CONVERTER_KEYS> = defineCommand({
  program: "docconv-worker convert",
  summary: "Converts a file to page images, here and now, without CMS and Redis.",
  envPrefix: ENV_PREFIX,
  operands: "FILE",
  keys: { ...CONVERT_KEYS, ...CONVERTER_KEYS } as typeof CONVERT_KEYS & typeof CONVERTER_KEYS,
  otherKeys: KEYS,
  check: ({ scales }) => scalesProblem(scales),
});

const LIST_KEYS = {
  limit: { type: "integer", default: 20, min: 1, max: 1000, description: "The most jobs that are listed." },
} as const;

export const queueCommand: CommandConfig<typeof LIST_KEYS & typeof QUEUE_KEYS> = defineCommand({
  program: "docconv-worker queue",
  summary:
    "Counts the jobs on Redis; failed and waiting list them, show is about one, retry puts failed ones back, " +
    "cancel ends one.",
  envPrefix: ENV_PREFIX,
  operands: "[failed | waiting | show ID | retry ID | retry all | cancel ID]",
  keys: { ...LIST_KEYS, ...QUEUE_KEYS } as typeof LIST_KEYS & typeof QUEUE_KEYS,
  otherKeys: KEYS,
  check: ({ redisUrl }) =>
    redisUrl === undefined
      ? { redisUrl: "It is missing: without Redis the queue is in the memory of the process that serves." }
      : {},
});

const CHECKED_KEYS = { cmsUrl: { ...KEYS.cmsUrl, required: undefined } } as const;

export { LIST_KEYS, CHECKED_KEYS };
