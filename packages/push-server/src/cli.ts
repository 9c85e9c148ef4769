#!/usr/bin/env node
/** `push-server`: reads the command line, the environment and the file, and starts what they say. */
import { createProgramLog, Scrubber, untilStopped } from "program-operations";
import { program, type Config } from "./config.ts";
import type { PushProgram } from "./program/push-program.ts";
import { limitYoungGeneration } from "./program/young-generation.ts";

/** sysexits' EX_UNAVAILABLE. */
const EXIT_UNAVAILABLE = 69;

const start = program.start(process.argv.slice(2), process.env);
if (start.kind === "print") {
  (start.exitCode === 0 ? process.stdout : process.stderr).write(start.text);
  process.exitCode = start.exitCode;
} else {
  await serve(start.config, start.warnings);
}

async function serve(config: Config, warnings: readonly string[]): Promise<void> {
  const unlimited = limitYoungGeneration(process.env);
  const log = createProgramLog({
    program: "push-server",
    level: config.logLevel,
    format: config.logFormat,
    scrubber: new Scrubber({
      cookieNames: config.cookieNames,
      sessionPrefixes: [config.prefix],
      secrets: secretsOf(config),
    }),
  });
  for (const warning of warnings) log.warn({}, warning);
  if (unlimited !== undefined) log.warn({}, unlimited);
  // Not before: the process may just have been replaced, and would load everything twice.
  const { startPushProgram } = await import("./program/push-program.ts");
  let running: PushProgram | undefined;
  untilStopped({ log, timeoutMs: config.shutdownTimeoutMs, close: async () => running?.close() });
  try {
    running = await startPushProgram(config, log);
  } catch (error) {
    const isOurs = error instanceof Error && "code" in error && !("syscall" in error);
    if (!isOurs) throw error;
    log.error({ code: error.code }, error.message); // a taken port, a missing sandbox: it says what to do
    process.exit(EXIT_UNAVAILABLE);
  }
}

function secretsOf(config: Config): readonly string[] {
  const { publishSecret, statusSecret, ticketSecret, previousTicketSecret, redisUrl } = config;
  const { docconvJobsSecret, docconvCredentialKey } = config;
  const password = redisUrl === undefined ? undefined : URL.parse(redisUrl)?.password;
  const known = [
    publishSecret,
    statusSecret,
    ticketSecret,
    previousTicketSecret,
    password,
    docconvJobsSecret,
    docconvCredentialKey,
  ];
  return known.filter((secret) => secret !== undefined);
}
