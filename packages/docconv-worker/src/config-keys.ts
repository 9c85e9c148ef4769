/** What can be configured: the flags, variables and file keys of docconv-worker. */
import { CMS_KEYS } from "cms-client";

/** Begins the names of the program's environment variables. */
export const ENV_PREFIX = "DOCCONV_";

/** What decides what documents become; `convert` has these, too. */
export const CONVERTER_KEYS = {
  scales: {
    type: "list",
    default: ["small=180", "normal=700", "large=1000"],
    section: "Conversion",
    description: "The sizes in which every page is kept: a name and the width in pixels of each.",
  },
  format: {
    type: "string",
    choices: ["webp", "jpeg", "png"],
    default: "webp",
    section: "Conversion",
    description: "How page images are encoded.",
  },
  convertTimeoutMs: {
    type: "duration",
    default: 120_000,
    min: 1000,
    section: "Conversion",
    description: "The longest that a conversion may take; after it a document counts as too complex.",
  },
  ocrLanguages: {
    type: "list",
    section: "Conversion",
    description:
      "What tesseract reads the pages in that have no text, scans and images: its names, such as eng,deu. Default: none.",
  },
  soffice: {
    type: "string",
    default: "/usr/bin/soffice",
    section: "Conversion",
    description: "LibreOffice; below /usr, or the sandbox does not show it.",
  },
  allowUnsandboxed: {
    type: "boolean",
    section: "Conversion",
    description: "Lets converters run without bubblewrap although the process is root's.",
  },
} as const;

/** Where jobs are kept; `queue` has these, too. */
export const QUEUE_KEYS = {
  redisUrl: {
    type: "url",
    env: "REDIS_URL",
    protocols: ["redis:", "rediss:"],
    fromFile: true,
    section: "Queue",
    description:
      "Redis or Valkey, for any number of processes. Without it all is in this one, and its jobs end with it.",
  },
  redisPrefix: {
    type: "string",
    default: "docconv:",
    section: "Queue",
    description: "Of every Redis key; {docconv}: on a cluster.",
  },
} as const;

/** Where previews are kept; `check` has these, too. */
export const STORE_KEYS = {
  dataDir: {
    type: "string",
    default: "docconv-data",
    section: "Previews",
    description: "Previews, and files at work. Several processes need one that they share, or s3Url.",
  },
  workDir: {
    type: "string",
    section: "Previews",
    description:
      "Files at work, some 50 MB for each document that is being converted: a local disk where dataDir is none. Default: in dataDir.",
  },
  s3Url: {
    type: "url",
    section: "Previews",
    description:
      "Keeps previews in this bucket instead: https://s3.eu-central-1.amazonaws.com/previews, or of MinIO and its like.",
  },
  s3Region: {
    type: "string",
    default: "auto",
    section: "Previews",
    description: "The bucket's region; Amazon needs it, others take auto.",
  },
  s3AccessKeyId: {
    type: "string",
    section: "Previews",
    description: "Who the worker is to the object store. Needed with s3Url.",
  },
  s3SecretAccessKey: {
    type: "secret",
    section: "Previews",
    description: "Its key: to read, write, list and delete. Needed with s3Url.",
  },
  s3Prefix: {
    type: "string",
    section: "Previews",
    description: "Begins the name of every object, for a bucket that has other things, too.",
  },
} as const;

const OWN_KEYS = {
  run: {
    type: "string",
    choices: ["all", "api", "worker"],
    default: "all",
    section: "HTTP",
    description:
      "What this process does: the api takes jobs and serves previews, the worker converts. One alone needs redisUrl.",
  },
  host: {
    type: "string",
    default: "127.0.0.1",
    section: "HTTP",
    description: "The interface it listens on; the proxy in front of it is on the same machine by default.",
  },
  port: {
    type: "integer",
    default: 8082,
    min: 0,
    max: 65_535,
    section: "HTTP",
    description:
      "The port of /jobs and /previews, which a worker alone does not open; 0 is any that is free.",
  },
  operationsHost: {
    type: "string",
    default: "127.0.0.1",
    section: "Operating",
    description: "The interface of the operations port.",
  },
  operationsPort: {
    type: "integer",
    min: 0,
    max: 65_535,
    section: "Operating",
    description:
      "A second port, for operators alone: /metrics, /healthz and /readyz, without a password. Without it there is none.",
  },
  logLevel: {
    type: "string",
    choices: ["debug", "info", "warn", "error"],
    default: "info",
    section: "Operating",
    description: "The least grave that is logged.",
  },
  logFormat: {
    type: "string",
    choices: ["auto", "json", "text"],
    default: "auto",
    section: "Operating",
    description:
      "json: a line of JSON for each event, on standard output. auto: text on a terminal, else json.",
  },
  shutdownTimeoutMs: {
    type: "duration",
    default: 15_000,
    section: "Operating",
    description:
      "After SIGTERM running jobs have this long; then they go back on the queue, and run again elsewhere.",
  },
  lockMs: {
    type: "duration",
    default: 10_000,
    min: 1000,
    section: "Jobs",
    description: "On Redis: how long a worker that died keeps its jobs to itself, before they run elsewhere.",
  },
  jobsSecret: {
    type: "secret",
    required: true,
    section: "Jobs",
    description: "Shared with the CMS: signs what it posts to /jobs.",
  },
  credentialKey: {
    type: "secret",
    minLength: 32,
    section: "Jobs",
    description: "Seals the users' cookies; the same one in all processes. Needed with redisUrl.",
  },
  previousCredentialKey: {
    type: "secret",
    minLength: 32,
    section: "Jobs",
    description: "The credentialKey before this one, while it changes: it opens, and seals nothing.",
  },
  credentialTtlMs: {
    type: "duration",
    default: 7_200_000,
    min: 1000,
    section: "Jobs",
    description: "How long the cookie of a job that waits is kept: the life of a ticket.",
  },
  concurrency: {
    type: "integer",
    default: 2,
    min: 1,
    section: "Jobs",
    description: "Jobs that run at once in this process.",
  },
  previewsUrl: {
    type: "string",
    default: "/previews",
    section: "Previews",
    description: "Where browsers find the previews: a path, or a whole URL.",
  },
  snippetScale: {
    type: "string",
    section: "Previews",
    description: "The scale that snippets show. Without it normal, else the second smallest.",
  },
  progressIntervalMs: {
    type: "duration",
    default: 250,
    section: "Previews",
    description: "The least time between two announcements of a document's progress.",
  },
  pageLimit: {
    type: "integer",
    default: 20,
    min: 1,
    section: "Conversion",
    description: "The most pages of a document that are rendered.",
  },
  maxDocumentBytes: {
    type: "bytes",
    default: 100_000_000,
    min: 1,
    section: "Conversion",
    description: "The largest document that is fetched.",
  },
  officeProcesses: {
    type: "integer",
    min: 1,
    section: "Conversion",
    description: "LibreOffice processes that are kept warm. Without it as many as concurrency.",
  },
  writeBackField: {
    type: "string",
    section: "Write-back",
    description:
      "Plone: the field, as preview_image or image, that a document's first page is written into. Default: none.",
  },
  writeBackScale: {
    type: "string",
    section: "Write-back",
    description: "The scale of that page. Without it the largest.",
  },
  callbackBases: {
    type: "list",
    of: "url",
    section: "Callbacks",
    description:
      "URLs of the CMS that callback jobs may call, with the user's cookie. Without any there are no callbacks.",
  },
  callbackTimeoutMs: {
    type: "duration",
    default: 60_000,
    min: 1,
    section: "Callbacks",
    description: "The longest that a callback may take.",
  },
  callbackAttempts: {
    type: "integer",
    default: 4,
    min: 1,
    section: "Callbacks",
    description: "Runs of a callback in all before it counts as failed.",
  },
  callbackBackoffMs: {
    type: "duration",
    default: 30_000,
    section: "Callbacks",
    description: "The wait between two runs of a callback.",
  },
  pushUrl: {
    type: "url",
    section: "Push",
    description:
      "The push server's prefix, such as http://127.0.0.1:8070/push. Without it messages go into Redis.",
  },
  pushSecret: {
    type: "secret",
    section: "Push",
    description: "The push server's publishSecret. Needed with pushUrl.",
  },
  pushLog: {
    type: "string",
    default: "push:log",
    section: "Push",
    description: "The Redis Stream that the push server reads. Used without pushUrl.",
  },
} as const;

/** All keys of the program. */
export const KEYS: typeof CMS_KEYS &
  typeof OWN_KEYS &
  typeof CONVERTER_KEYS &
  typeof QUEUE_KEYS &
  typeof STORE_KEYS = {
  ...OWN_KEYS,
  ...CMS_KEYS,
  ...QUEUE_KEYS,
  ...STORE_KEYS,
  ...CONVERTER_KEYS,
};
