/** A program with a key of every type, for tests. */
import { defineConfig, type ProgramConfig } from "../index.ts";

export const KEYS = {
  siteUrl: { type: "url", required: true, description: "The site." },
  redisUrl: {
    type: "url",
    env: "REDIS_URL",
    protocols: ["redis:", "rediss:"],
    fromFile: true,
    description: "Redis.",
    section: "Redis",
  },
  port: { type: "integer", default: 8081, min: 0, max: 65_535, description: "Where it listens." },
  pingIntervalMs: { type: "duration", default: 25_000, min: 1000, description: "Between two pings." },
  cacheSeconds: { type: "duration", default: 10, description: "How long." },
  maxBodyBytes: { type: "bytes", default: 65_536, max: 1_048_576, description: "The most." },
  embedded: { type: "boolean", description: "In one process." },
  log: { type: "boolean", default: true, description: "Writes logs." },
  origins: { type: "list", of: "origin", description: "Who may connect." },
  cookieNames: { type: "list", default: ["__ac"], description: "The cookies." },
  level: { type: "string", choices: ["info", "debug"], default: "info", description: "How much is logged." },
  label: { type: "string", description: "A name | for people." },
  jobSecret: { type: "secret", description: "Signs jobs." },
  adapter: { type: "json", description: "The generic adapter." },
} as const;

export const program: ProgramConfig<typeof KEYS, "serve" | "drop-log"> = defineConfig({
  program: "push-server",
  summary: "Relays messages.",
  envPrefix: "PUSH_",
  packageJson: new URL("../../package.json", import.meta.url),
  commands: { serve: "Serves.", "drop-log": "Empties the log." },
  keys: KEYS,
  check: ({ embedded, redisUrl }) =>
    embedded && redisUrl !== undefined ? { embedded: "It excludes redisUrl: leave one out." } : {},
});

/** The least environment it runs with. */
export const SITE = { PUSH_SITE_URL: "http://cms.example" };

export const SECRET = "a-secret-of-more-than-sixteen";
