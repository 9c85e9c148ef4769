/** The commands that do their work and end, with what each is told; `serve` is the program's own. */
import type { Environment } from "program-config";
import { check, checkCommand } from "./check.ts";
import type { CommandStreams } from "./command-streams.ts";
import { convert, convertCommand } from "./convert.ts";
import { queue, queueCommand } from "./queue.ts";

/** Something to print instead, or the work: its result is the exit status. */
type Started =
  | { readonly text: string; readonly exitCode: number }
  | ((streams: CommandStreams) => Promise<number>);

type Command = (argv: readonly string[], env: Environment) => Started;

export const COMMANDS: Readonly<Record<"convert" | "queue" | "check", Command>> = {
  convert(argv, env) {
    const start = convertCommand.start(argv, env);
    return start.kind === "print" ? start : (streams) => convert(start.config, start.operands, streams);
  },
  queue(argv, env) {
    const start = queueCommand.start(argv, env);
    return start.kind === "print" ? start : (streams) => queue(start.config, start.operands, streams);
  },
  check(argv, env) {
    const start = checkCommand.start(argv, env);
    return start.kind === "print" ? start : (streams) => check(start.config, streams);
  },
};
