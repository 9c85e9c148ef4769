/** Where the program's log goes: pino's lines of JSON for a collector, or lines for a person at a terminal. */
import { pino, type DestinationStream } from "pino";
import type { Scrubber } from "./scrubber.ts";

/** What the libraries log to: a constant sentence, and fields. */
export interface ProgramLog {
  debug(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

export interface ProgramLogOptions {
  /** Stands in each line. */
  readonly program: string;
  /** The least grave that is logged. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** `auto`: text on a terminal, else JSON. */
  readonly format: "auto" | "json" | "text";
  readonly scrubber: Scrubber;
  /** Takes whole lines. Default: standard output, written at once, so that a crash loses none. */
  readonly destination?: DestinationStream;
}

export function createProgramLog(options: ProgramLogOptions): ProgramLog {
  const { program, level, format, scrubber } = options;
  const lines = options.destination ?? standardOutput();
  const logger = pino(
    {
      level,
      base: { program, pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => scrubber.fields(fields),
      },
    },
    !isText(format) ? lines : { write: (line: string) => lines.write(textLine(line)) },
  );
  return {
    debug: (fields, sentence) => logger.debug(fields, scrubber.text(sentence)),
    info: (fields, sentence) => logger.info(fields, scrubber.text(sentence)),
    warn: (fields, sentence) => logger.warn(fields, scrubber.text(sentence)),
    error: (fields, sentence) => logger.error(fields, scrubber.text(sentence)),
  };
}

function standardOutput(): DestinationStream {
  const stream = pino.destination({ dest: 1, sync: true });
  stream.on("error", () => undefined); // nobody reads any more: no reason to stop serving
  return stream;
}

function isText(format: ProgramLogOptions["format"]): boolean {
  return format === "auto" ? process.stdout.isTTY : format === "text";
}

/** Every line has them, and a person knows. */
const UNSHOWN = new Set(["time", "level", "msg", "program", "pid"]);
const LEVELS: Readonly<Record<string, string>> = {
  debug: "debug",
  info: "     ",
  warn: "WARN ",
  error: "ERROR",
};

/** `12:00:00 WARN  A sentence. field=value` */
function textLine(json: string): string {
  const fields = JSON.parse(json) as Record<string, unknown>;
  const shown = Object.entries(fields).filter(([name]) => !UNSHOWN.has(name));
  const details = shown.map(([name, value]) => {
    return ` ${name}=${typeof value === "string" && /^\S+$/.test(value) ? value : JSON.stringify(value)}`;
  });
  const at = new Date(String(fields["time"])).toTimeString().slice(0, 8);
  return `${at} ${LEVELS[String(fields["level"])]} ${String(fields["msg"])}${details.join("")}\n`;
}
