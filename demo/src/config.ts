/** What the demo can be told from outside: flags and environment variables. */
import { parseArgs } from "node:util";
import type { DemoOptions } from "./demo.ts";

export const HELP = `The demo of pat-push: a small intranet, to upload a document and watch its preview arrive.

  npm run demo [-- OPTIONS]

  --port NUMBER   PORT       where it listens; 8080
  --host ADDRESS  HOST       the interface that it listens on; 127.0.0.1, this machine alone
  --data FOLDER   DATA_DIR   where documents and previews stay; a temporary folder, removed at the end
  --help
                  REDIS_URL  queue and message log on this Redis; in memory
                  SECRET     keeps sessions across restarts, at least 32 characters; a new one each time
`;

/** @throws Error that says what is wrong with what */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: env["PORT"] ?? "8080" },
      host: { type: "string", default: env["HOST"] ?? "127.0.0.1" },
      data: { type: "string", ...(env["DATA_DIR"] ? { default: env["DATA_DIR"] } : {}) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new Error(`--port (or PORT) is ${JSON.stringify(values.port)}: give a number from 0 to 65535.`);
  const redisUrl = env["REDIS_URL"];
  if (redisUrl && !/^rediss?:\/\/./.test(redisUrl))
    throw new Error("REDIS_URL is no Redis URL: write it as redis://127.0.0.1:6379.");
  const secret = env["SECRET"];
  if (secret && secret.length < 32) throw new Error("SECRET is too short: give at least 32 characters.");
  return {
    port,
    host: values.host,
    ...(values.data ? { dataFolder: values.data } : {}),
    ...(redisUrl ? { redisUrl } : {}),
    ...(secret ? { secret } : {}),
  };
}
