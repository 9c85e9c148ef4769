/** From a schema to a configuration: what both programs' config.ts call. */
import { readFileSync } from "node:fs";
import { ConfigError } from "./config-error.ts";
import type { ConfigKeys, ConfigOf } from "./config-key.ts";
import { helpText, type DocumentedProgram } from "./help.ts";
import { nameKeys } from "./key-names.ts";
import { nearestName } from "./nearest-name.ts";
import { printSettings } from "./print-config.ts";
import { readConfig, type ConfigReading } from "./read-config.ts";
import { referencePage } from "./reference.ts";
import type { Environment } from "./settings/environment.ts";
import { readFlags, type CommandLine } from "./settings/flags.ts";

export interface ConfigDefinition<Keys extends ConfigKeys, Command extends string> {
  /** As it is called on the command line. */
  readonly program: string;
  /** One sentence: what it does. */
  readonly summary: string;
  /** Such as `PUSH_`; begins the environment names of keys that have none of their own. */
  readonly envPrefix: string;
  /** The program's package.json: read for `--version` alone. Default: there is no `--version`. */
  readonly packageJson?: URL;
  /** What the program can be told to do, with a sentence each; the first one is the default. */
  readonly commands: Readonly<Record<Command, string>>;
  /** Declared `as const`. */
  readonly keys: Keys;
  /**
   * What no key can say for itself, such as two keys that exclude each other. Called when each key is good.
   * Returns the keys that are bad, and what to write.
   */
  readonly check?: (config: ConfigOf<Keys>) => Partial<Record<keyof Keys, string>>;
}

/** What the program is to do now. */
export type ProgramStart<Keys extends ConfigKeys, Command extends string> =
  /** Print this, and end. Status 78 (EX_CONFIG): the configuration is bad; 64 (EX_USAGE): the command is. */
  | { readonly kind: "print"; readonly text: string; readonly exitCode: 0 | 64 | 78 }
  | ({ readonly kind: "run"; readonly command: Command } & ConfigReading<Keys>);

export interface ProgramConfig<Keys extends ConfigKeys, Command extends string> {
  /**
   * Flags count before the environment, that before the file (`--config FILE`, or the variable PREFIX_CONFIG),
   * that before defaults.
   * @param argv without node and script
   * @throws ConfigError naming every bad key
   */
  read(argv: readonly string[], env: Environment): ConfigReading<Keys>;
  /** The same for a program's cli.ts: answers `help`, `version`, `check-config`, `print-config`, `config-reference` itself. */
  start(argv: readonly string[], env: Environment): ProgramStart<Keys, Command>;
  help(): string;
  /** Every key, its value and where it came from; secrets redacted. */
  print(reading: ConfigReading<Keys>): string;
  /** The reference page, in Markdown. */
  reference(): string;
}

const OWN_COMMANDS = {
  "check-config": "Says whether the configuration is good, and ends.",
  "print-config": "Prints every value and where it came from, without secrets, and ends.",
  "config-reference": "Prints the reference of all keys, in Markdown, and ends.",
  help: "Prints this, and ends.",
} as const;
const VERSION_COMMAND = { version: "Prints the version, and ends." } as const;

/** @throws TypeError for a schema that breaks its own rules */
export function defineConfig<const Keys extends ConfigKeys, const Command extends string>(
  definition: ConfigDefinition<Keys, Command>,
): ProgramConfig<Keys, Command> {
  const keys = nameKeys(definition.keys, definition.envPrefix);
  const { packageJson } = definition;
  const commands: Readonly<Record<string, string>> = {
    ...definition.commands,
    ...OWN_COMMANDS,
    ...(packageJson && VERSION_COMMAND),
  };
  const documented: DocumentedProgram = { ...definition, keys, commands };

  const read = (line: CommandLine, env: Environment): ConfigReading<Keys> =>
    readConfig({ ...definition, keys, otherKeys: [] }, line, env);

  const program: ProgramConfig<Keys, Command> = {
    read: (argv, env) => read(readFlags(argv, keys), env),
    help: () => helpText(documented),
    print: ({ config, sources }) => printSettings(keys, config, sources),
    reference: () => referencePage(documented),
    start(argv, env) {
      if (packageJson && (argv.includes("--version") || argv[0] === "version"))
        return { kind: "print", text: `${readVersion(packageJson)}\n`, exitCode: 0 };
      const line = readFlags(argv, keys);
      const [command = Object.keys(definition.commands)[0] ?? "", surplus] = line.words;
      if (line.help || command === "help") return { kind: "print", text: program.help(), exitCode: 0 };
      if (command === "config-reference") return { kind: "print", text: program.reference(), exitCode: 0 };
      const wrong = Object.hasOwn(commands, command) ? surplus : command;
      if (wrong !== undefined) return { kind: "print", text: unknownCommand(wrong, commands), exitCode: 64 };
      try {
        const reading = read(line, env);
        if (command === "print-config") return { kind: "print", text: program.print(reading), exitCode: 0 };
        if (command !== "check-config") return { kind: "run", command: command as Command, ...reading };
        const lines = [...reading.warnings, "The configuration is good."];
        return { kind: "print", text: `${lines.join("\n")}\n`, exitCode: 0 };
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return { kind: "print", text: `${error.message}\n`, exitCode: 78 };
      }
    },
  };
  return program;
}

function unknownCommand(word: string, commands: Readonly<Record<string, string>>): string {
  const nearest = nearestName(word, Object.keys(commands));
  const hint = nearest === undefined || nearest === word ? "See --help." : `Did you mean ${nearest}?`;
  return `${JSON.stringify(word)} is not what this program can be told here. ${hint}\n`;
}

function readVersion(packageJson: URL): string {
  return (JSON.parse(readFileSync(packageJson, "utf8")) as { version: string }).version;
}
