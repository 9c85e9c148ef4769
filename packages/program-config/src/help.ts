/** What `--help` prints. */
import { describeDefault, describeType, inSections } from "./describe-key.ts";
import type { NamedKey } from "./key-names.ts";

/** A program, as help and reference page need it. */
export interface DocumentedProgram {
  readonly program: string;
  readonly summary: string;
  readonly envPrefix: string;
  readonly commands: Readonly<Record<string, string>>;
  readonly keys: readonly NamedKey[];
}

const WIDTH = 100;

export function helpText({ program, summary, envPrefix, commands, keys }: DocumentedProgram): string {
  const widest = Math.max(...Object.keys(commands).map((command) => command.length));
  const lines = [
    summary,
    "",
    `Usage: ${program} [COMMAND] [FLAGS]`,
    "",
    "Commands:",
    ...Object.entries(commands).map(([command, text], index) => {
      return `  ${command.padEnd(widest)}  ${text}${index === 0 ? " (default)" : ""}`;
    }),
    "",
    ...flagLines(program, envPrefix, keys),
  ];
  return `${lines.join("\n")}\n`;
}

/** The help of one command that has its own flags. */
export function commandHelpText({
  program,
  summary,
  operands,
  envPrefix,
  keys,
}: Omit<DocumentedProgram, "commands"> & { readonly operands: string }): string {
  const usageLine = `Usage: ${program} [FLAGS]${operands === "" ? "" : ` ${operands}`}`;
  const [name = program] = program.split(" ");
  return `${[summary, "", usageLine, "", ...flagLines(name, envPrefix, keys)].join("\n")}\n`;
}

function flagLines(program: string, envPrefix: string, keys: readonly NamedKey[]): readonly string[] {
  const lines = [
    "Flags, each with its environment variable. Flags count before the environment, that before the file,",
    "and that before defaults.",
    "",
    "  --config FILE",
    ...wrap(
      `A JSON object of the keys below, in camelCase: see ${program} print-config. [${envPrefix}CONFIG]`,
    ),
  ];
  for (const [section, members] of inSections(keys)) {
    lines.push("", section === "" ? "General:" : `${section}:`);
    for (const named of members) lines.push("", `  ${usage(named)}`, ...wrap(explain(named)));
  }
  return lines;
}

function usage({ flag, key }: NamedKey): string {
  if (key.type === "boolean") return `${flag}, ${flag.replace("--", "--no-")}`;
  return key.type === "secret" ? `${flag}-file FILE` : `${flag} ${describeType(key).placeholder}`;
}

function explain(named: NamedKey): string {
  const { key, env, hasFile } = named;
  const variable = hasFile ? `${env}, ${env}_FILE` : env;
  return `${key.description} ${describeDefault(named)} [${variable}]`;
}

/** Lines of text, indented under their flag. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "     ";
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== "") {
      lines.push(line);
      line = "     ";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
