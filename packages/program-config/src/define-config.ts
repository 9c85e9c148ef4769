/** From a schema to a configuration: what both programs' config.ts call. */
import { ConfigError } from "./config-error.ts";
import type { ConfigKeys, ConfigOf } from "./config-key.ts";
import { helpText, type DocumentedProgram } from "./help.ts";
import { nameKey, type NamedKey } from "./key-names.ts";
import { nearestName } from "./nearest-name.ts";
import { defaultValue, parseValue, ValueProblem } from "./parse-value.ts";
import { printSettings } from "./print-config.ts";
import { referencePage } from "./reference.ts";
import type { ConfigProblem, Setting } from "./setting.ts";
import { readConfigFile } from "./settings/config-file.ts";
import { readEnvironment, unknownVariables, type Environment } from "./settings/environment.ts";
import { readFlags, type CommandLine } from "./settings/flags.ts";

export interface ConfigDefinition<Keys extends ConfigKeys, Command extends string> {
  /** As it is called on the command line. */
  readonly program: string;
  /** One sentence: what it does. */
  readonly summary: string;
  /** Such as `PUSH_`; begins the environment names of keys that have none of their own. */
  readonly envPrefix: string;
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

export interface ConfigReading<Keys extends ConfigKeys> {
  readonly config: ConfigOf<Keys>;
  /** Where each value came from: a flag, a variable, a file, or `default`. */
  readonly sources: Readonly<Record<keyof Keys, string>>;
  /** Sentences to log at start. */
  readonly warnings: readonly string[];
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
  /** The same for a program's cli.ts: answers `help`, `check-config`, `print-config`, `config-reference` itself. */
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

/** @throws TypeError for a schema that breaks its own rules */
export function defineConfig<const Keys extends ConfigKeys, const Command extends string>(
  definition: ConfigDefinition<Keys, Command>,
): ProgramConfig<Keys, Command> {
  const keys = Object.entries(definition.keys).map(([name, key]) => nameKey(name, key, definition.envPrefix));
  const commands: Readonly<Record<string, string>> = { ...definition.commands, ...OWN_COMMANDS };
  const documented: DocumentedProgram = { ...definition, keys, commands };

  const program: ProgramConfig<Keys, Command> = {
    read: (argv, env) => read(definition, keys, readFlags(argv, keys), env),
    help: () => helpText(documented),
    print: ({ config, sources }) => printSettings(keys, config, sources),
    reference: () => referencePage(documented),
    start(argv, env) {
      const line = readFlags(argv, keys);
      const [command = Object.keys(definition.commands)[0] ?? "", surplus] = line.words;
      if (line.help || command === "help") return { kind: "print", text: program.help(), exitCode: 0 };
      if (command === "config-reference") return { kind: "print", text: program.reference(), exitCode: 0 };
      const wrong = Object.hasOwn(commands, command) ? surplus : command;
      if (wrong !== undefined) return { kind: "print", text: unknownCommand(wrong, commands), exitCode: 64 };
      try {
        const reading = read(definition, keys, line, env);
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

function read<Keys extends ConfigKeys, Command extends string>(
  definition: ConfigDefinition<Keys, Command>,
  keys: readonly NamedKey[],
  line: CommandLine,
  env: Environment,
): ConfigReading<Keys> {
  const { program, envPrefix } = definition;
  const path = line.file ?? env[`${envPrefix}CONFIG`];
  const places = [line, readEnvironment(env, keys)];
  if (path !== undefined && path !== "") places.push(readConfigFile(path, keys));
  const problems = places.flatMap((place) => place.problems);
  const settings = places.flatMap((place) => place.settings);

  const values: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  for (const key of keys) {
    const setting = settings.find((candidate) => candidate.key === key);
    values[key.name] = setting === undefined ? defaultValue(key.key) : parse(setting, problems);
    sources[key.name] = setting?.source ?? "default";
    const known = setting !== undefined || problems.some(({ name }) => name === key.name);
    if (key.key.required === true && !known) problems.push(missing(key));
  }
  const config = values as ConfigOf<Keys>;
  if (problems.length === 0) {
    for (const [name, text] of Object.entries(definition.check?.(config) ?? {})) {
      if (typeof text === "string") problems.push({ name, source: sources[name], text });
    }
  }
  if (problems.length > 0) throw new ConfigError(program, problems);
  return {
    config,
    sources: sources as Record<keyof Keys, string>,
    warnings: unknownVariables(env, envPrefix, keys),
  };
}

function missing({ name, env, flag, key, hasFile }: NamedKey): ConfigProblem {
  const ways = [
    env,
    ...(hasFile ? [`${env}_FILE`] : []),
    key.type === "secret" ? `${flag}-file` : flag,
    `"${name}" in the file`,
  ];
  return {
    name,
    source: undefined,
    text: `It is missing: set ${ways.slice(0, -1).join(", ")} or ${ways.at(-1)}.`,
  };
}

function unknownCommand(word: string, commands: Readonly<Record<string, string>>): string {
  const nearest = nearestName(word, Object.keys(commands));
  const hint = nearest === undefined || nearest === word ? "See --help." : `Did you mean ${nearest}?`;
  return `${JSON.stringify(word)} is not what this program can be told here. ${hint}\n`;
}

function parse(setting: Setting, problems: ConfigProblem[]): unknown {
  try {
    return parseValue(setting.key, setting.raw);
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    problems.push({ name: setting.key.name, source: setting.source, text: error.message });
    return undefined;
  }
}
