#!/usr/bin/env node
/** The program: what the command line says is done by one of the commands in cli/. */
import { createProgramLog, Scrubber, untilStopped } from "program-operations";
import { COMMANDS } from "./cli/commands.ts";
import { EXIT } from "./cli/exit-code.ts";
import { startService } from "./cli/serve.ts";
import { type Config, program } from "./config.ts";
import { DocconvError } from "./docconv-error.ts";

const [word = "", ...rest] = process.argv.slice(2);
if (Object.hasOwn(COMMANDS, word)) await runCommand(word as keyof typeof COMMANDS, rest);
else await runProgram(process.argv.slice(2));

async function runCommand(name: keyof typeof COMMANDS, argv: readonly string[]): Promise<void> {
  const command = COMMANDS[name](argv, process.env);
  if (typeof command !== "function") {
    print(command);
    return;
  }
  const ended = new AbortController();
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.on(signal, () => {
      if (ended.signal.aborted) process.exit(128 + number);
      process.exitCode = 128 + number;
      ended.abort(new Error(`Ended by ${signal}.`));
    });
  }
  const status = await command({ stdout: process.stdout, stderr: process.stderr, signal: ended.signal });
  process.exitCode ??= status;
}

async function runProgram(argv: readonly string[]): Promise<void> {
  const start = program.start(argv, process.env);
  if (start.kind === "print") {
    print(start);
  } else if (start.command === "serve") {
    await serve(start.config, start.warnings);
  } else {
    print({
      text: `Write ${start.command} first: docconv-worker ${start.command} [FLAGS].\n`,
      exitCode: EXIT.usage,
    });
  }
}

async function serve(config: Config, warnings: readonly string[]): Promise<void> {
  const secrets = [
    config.jobsSecret,
    config.credentialKey,
    config.previousCredentialKey,
    config.pushSecret,
    config.s3SecretAccessKey,
    config.ticketSecret,
    config.previousTicketSecret,
  ].filter((secret) => secret !== undefined);
  const scrubber = new Scrubber({ cookieNames: config.cookieNames, secrets });
  const log = createProgramLog({
    program: "docconv-worker",
    level: config.logLevel,
    format: config.logFormat,
    scrubber,
  });
  for (const warning of warnings) log.warn({}, warning);
  try {
    const service = await startService(config, log);
    untilStopped({ log, timeoutMs: config.shutdownTimeoutMs, close: () => service.close() });
  } catch (error) {
    // What is known has a code and says what to do; of anything else the log needs the trace.
    const isKnown = error instanceof DocconvError || (error instanceof Error && error.name === "ListenError");
    log.error(
      isKnown ? { code: (error as DocconvError).code } : { error },
      isKnown ? error.message : "It cannot start.",
    );
    process.exit(EXIT.unavailable);
  }
}

function print({ text, exitCode }: { readonly text: string; readonly exitCode: number }): void {
  (exitCode === 0 ? process.stdout : process.stderr).write(text);
  process.exitCode = exitCode;
}
