/** What push-server can be told, key by key: help, print-config and docs/configuration.md are made of this. */

/** A part of a schema for program-config; cms-client's CMS_KEYS come beside it. */
export const PUSH_KEYS = {
  host: {
    type: "string",
    default: "127.0.0.1",
    section: "HTTP",
    description: "The interface it listens on; the proxy in front of it is on the same machine by default.",
  },
  port: {
    type: "integer",
    default: 8070,
    min: 0,
    max: 65_535,
    section: "HTTP",
    description: "The port it listens on; 0 is any that is free, and the log says which.",
  },
  prefix: {
    type: "string",
    default: "/push",
    section: "HTTP",
    description: "The path that everything is under, without a slash at its end.",
  },
  allowedOrigins: {
    type: "list",
    of: "origin",
    section: "HTTP",
    description:
      "Origins whose pages may connect, exactly. Without any, the one that the request is addressed to: the proxy has to pass the Host header on.",
  },
  sockJsClientUrl: {
    type: "string",
    section: "HTTP",
    description:
      "Where SockJS's iframe page loads sockjs-client from. Without it, <prefix>/sockjs.min.js, which the site provides.",
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
      "A second port, for operators alone: /metrics, /healthz and /readyz, without a password. Never route the public to it. Without it there are no metrics.",
  },
  statusSecret: {
    type: "secret",
    section: "Operating",
    description: "Opens <prefix>/status as a bearer token, for monitoring. Without it, no token does.",
  },
  statusGroups: {
    type: "list",
    default: ["Administrators", "Site Administrators"],
    section: "Operating",
    description:
      "Groups of the CMS whose members may see <prefix>/status. Nobody: [] in the file, or --status-groups=.",
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
    min: 0,
    section: "Operating",
    description:
      "After SIGTERM it is gone within this time, whatever happens; keep the supervisor's own limit above it.",
  },
  redisUrl: {
    type: "url",
    env: "REDIS_URL",
    protocols: ["redis:", "rediss:"],
    fromFile: true,
    section: "Messages",
    description:
      "Redis or Valkey, as in redis://user:password@host:6379/0: the message log, shared by all nodes. Without it messages are in this process's memory.",
  },
  publishSecret: {
    type: "secret",
    section: "Messages",
    description:
      "Publishes and signs users out over HTTP, as a bearer token. Without it nobody may; programs that reach Redis publish there.",
  },
  retentionMs: {
    type: "duration",
    default: 3_600_000,
    min: 1000,
    section: "Messages",
    description: "How long messages are kept for browsers that are away.",
  },
  retentionBytes: {
    type: "bytes",
    default: 67_108_864,
    min: 65_536,
    section: "Messages",
    description: "The most memory that kept messages take; the oldest go first.",
  },
  retentionMessages: {
    type: "integer",
    default: 200_000,
    min: 1,
    section: "Messages",
    description: "The most messages that are kept.",
  },
  retentionTopicPercent: {
    type: "integer",
    default: 12,
    min: 1,
    max: 100,
    section: "Messages",
    description:
      "When room is needed, topics that take more than this part of it let their own oldest messages go first.",
  },
  revalidateMs: {
    type: "duration",
    default: 60_000,
    min: 1000,
    section: "Messages",
    description:
      "How often the CMS is asked again about those who are connected: a logout closes within this time, and a fifth.",
  },
  maxConnections: {
    type: "integer",
    default: 50_000,
    min: 1,
    section: "Limits",
    description: "Open connections on this node; the process needs as many open files.",
  },
  maxConnectionsPerUser: {
    type: "integer",
    default: 100,
    min: 1,
    section: "Limits",
    description: "Open connections of one user on this node; a browser needs one for all its tabs.",
  },
  maxPendingHandshakes: {
    type: "integer",
    default: 2000,
    min: 1,
    section: "Limits",
    description: "Requests that wait for the CMS's answer to who they are.",
  },
  maxSubscriptions: {
    type: "integer",
    default: 200,
    min: 0,
    section: "Limits",
    description: "Object topics that one connection holds or has asked for.",
  },
  maxFrameBytes: {
    type: "bytes",
    default: 131_072,
    min: 1024,
    section: "Limits",
    description: "One frame of a client, or one xhr_send body.",
  },
  maxFramesPerSecond: {
    type: "integer",
    default: 50,
    min: 1,
    section: "Limits",
    description: "Frames of one client in one second.",
  },
  maxBufferedBytes: {
    type: "bytes",
    default: 262_144,
    min: 65_536,
    section: "Limits",
    description: "What waits here for one slow reader; the rest stays in the log until it asks again.",
  },
  maxStallMs: {
    type: "duration",
    default: 2500,
    min: 100,
    section: "Limits",
    description: "A reader that takes nothing for this long is closed, and recovers when it comes back.",
  },
  helloTimeoutMs: {
    type: "duration",
    default: 5000,
    min: 100,
    section: "Limits",
    description: "A client that sent no hello after this long gets its welcome without one.",
  },
  sessionTimeoutMs: {
    type: "duration",
    default: 5000,
    min: 1000,
    section: "Limits",
    description: "A client of a polling transport that asks for nothing for this long is gone.",
  },
  maxPublishBytes: {
    type: "bytes",
    default: 4_194_304,
    min: 65_536,
    section: "Limits",
    description: "The body of one request to publish, which may hold many messages.",
  },
  embedded: {
    type: "boolean",
    section: "Embedded worker",
    description:
      "Hosts docconv-worker in this process: /jobs and /previews beside the prefix. For development, and for a small site.",
  },
  docconvJobsSecret: {
    type: "secret",
    env: "DOCCONV_JOBS_SECRET",
    section: "Embedded worker",
    description: "Shared with the CMS: signs what it posts to /jobs. Needed with embedded.",
  },
  docconvCredentialKey: {
    type: "secret",
    env: "DOCCONV_CREDENTIAL_KEY",
    minLength: 32,
    section: "Embedded worker",
    description:
      "Seals the users' cookies; the same one in all processes. Needed with embedded and redisUrl.",
  },
  docconvDataDir: {
    type: "string",
    env: "DOCCONV_DATA_DIR",
    default: "docconv-data",
    section: "Embedded worker",
    description: "Previews, and files at work.",
  },
  docconvConcurrency: {
    type: "integer",
    env: "DOCCONV_CONCURRENCY",
    default: 2,
    min: 1,
    section: "Embedded worker",
    description: "Jobs that run at once.",
  },
  docconvPreviewsUrl: {
    type: "string",
    env: "DOCCONV_PREVIEWS_URL",
    default: "/previews",
    section: "Embedded worker",
    description: "Where browsers find the previews.",
  },
  docconvAllowUnsandboxed: {
    type: "boolean",
    env: "DOCCONV_ALLOW_UNSANDBOXED",
    section: "Embedded worker",
    description: "Lets converters run without bubblewrap although the process is root's.",
  },
  docconvRedisPrefix: {
    type: "string",
    env: "DOCCONV_REDIS_PREFIX",
    default: "docconv:",
    section: "Embedded worker",
    description:
      "Of the worker's keys in Redis; the status page looks there for a worker in another process, too.",
  },
} as const;
