/** From what stands on the command line, in the environment and in the file to a configuration, or to all that is wrong. */
import { ConfigError } from "./config-error.ts";
import type { ConfigKeys, ConfigOf } from "./config-key.ts";
import type { NamedKey } from "./key-names.ts";
import { defaultValue, parseValue, ValueProblem } from "./parse-value.ts";
import type { ConfigProblem, Setting } from "./setting.ts";
import { readConfigFile } from "./settings/config-file.ts";
import { readEnvironment, unknownVariables, type Environment } from "./settings/environment.ts";
import type { CommandLine } from "./settings/flags.ts";

export interface ConfigReading<Keys extends ConfigKeys> {
  readonly config: ConfigOf<Keys>;
  /** Where each value came from: a flag, a variable, a file, or `default`. */
  readonly sources: Readonly<Record<keyof Keys, string>>;
  /** Sentences to log at start. */
  readonly warnings: readonly string[];
}

/** What is read, and for whom. */
export interface ReadableConfig<Keys extends ConfigKeys> {
  readonly program: string;
  readonly envPrefix: string;
  readonly keys: readonly NamedKey[];
  /** Keys that may stand in the environment and the file, and are not read. */
  readonly otherKeys: readonly NamedKey[];
  readonly check?: (config: ConfigOf<Keys>) => Partial<Record<keyof Keys, string>>;
}

/** @throws ConfigError naming every bad key */
export function readConfig<Keys extends ConfigKeys>(
  { program, envPrefix, keys, otherKeys, check }: ReadableConfig<Keys>,
  line: CommandLine,
  env: Environment,
): ConfigReading<Keys> {
  const path = line.file ?? env[`${envPrefix}CONFIG`];
  const places = [line, readEnvironment(env, keys)];
  if (path !== undefined && path !== "") places.push(readConfigFile(path, keys, otherKeys));
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
    for (const [name, text] of Object.entries(check?.(config) ?? {})) {
      const source = sources[name] === "default" ? undefined : sources[name]; // nobody has written it
      if (typeof text === "string") problems.push({ name, source, text });
    }
  }
  if (problems.length > 0) throw new ConfigError(program, problems);
  return {
    config,
    sources: sources as Record<keyof Keys, string>,
    warnings: unknownVariables(env, envPrefix, [...keys, ...otherKeys]),
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

function parse(setting: Setting, problems: ConfigProblem[]): unknown {
  try {
    return parseValue(setting.key, setting.raw);
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    problems.push({ name: setting.key.name, source: setting.source, text: error.message });
    return undefined;
  }
}
