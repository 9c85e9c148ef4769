/** `npm run demo`: starts the demo, says where it is and who can log in, and ends it in order. */
import { HELP, readConfig } from "./config.ts";
import { createDemo, type DemoOptions } from "./demo.ts";
import { ACCOUNTS } from "./northquay.ts";

/** What does not end by then is a Redis that is away; nothing of it is lost. */
const LONGEST_STOP_MS = 5000;

const write = (text: string) => process.stdout.write(`${text}\n`);
const complain = (fields: object, sentence: string) => {
  const error = "err" in fields && fields.err instanceof Error ? ` ${fields.err.message}` : "";
  process.stderr.write(`${sentence}${error}\n`);
};
const logger = { debug: () => undefined, info: () => undefined, warn: complain, error: complain };

async function run(options: DemoOptions): Promise<void> {
  const demo = await createDemo({ ...options, logger });
  const mode = options.redisUrl
    ? "queue and message log on Redis"
    : "embedded: one process, nothing else needed";
  write(`\n  Northquay, a small intranet (${mode})\n\n  ${demo.url}\n\n  Log in as`);
  for (const { id, fullName, password } of ACCOUNTS)
    write(`    ${id.padEnd(6)}${password.padEnd(20)}${fullName}`);
  write("\n  Jane and Noam share a workspace, Eve does not. Upload a document as one of them;");
  write("  `npm run samples -w demo` makes some. Ctrl-C ends the demo.\n");
  const stop = () => {
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    void demo.close().then(() => process.exit(0));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
}

try {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config === "help") write(HELP);
  else await run(config);
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  const remedy = code === "EADDRINUSE" ? " Another program has this port: choose one with --port." : "";
  process.stderr.write(`${message}${remedy}\n`);
  process.exitCode = 1;
}
