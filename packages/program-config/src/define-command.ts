/** A command that has flags and words of its own, beside the program that it belongs to. */
import { ConfigError } from "./config-error.ts";
import type { ConfigKeys, ConfigOf } from "./config-key.ts";
import { commandHelpText } from "./help.ts";
import { nameKeys } from "./key-names.ts";
import { readConfig, type ConfigReading } from "./read-config.ts";
import type { Environment } from "./settings/environment.ts";
import { readFlags } from "./settings/flags.ts";

export interface CommandDefinition<Keys extends ConfigKeys> {
  /** As it is called: `docconv-worker convert`. */
  readonly program: string;
  /** One sentence: what it does. */
  readonly summary: string;
  /** The program's. */
  readonly envPrefix: string;
  /** Its words, as the usage line shows them, such as `FILE`; the command checks them. Default: it takes none. */
  readonly operands?: string;
  /** Declared `as const`. */
  readonly keys: Keys;
  /** The program's other keys: they may stand in its environment and its file, and are not read. */
  readonly otherKeys?: ConfigKeys;
  /** As {@link ConfigDefinition.check}. */
  readonly check?: (config: ConfigOf<Keys>) => Partial<Record<keyof Keys, string>>;
}

/** What the command is to do now. */
export type CommandStart<Keys extends ConfigKeys> =
  /** Print this, and end; statuses as a program's. */
  | { readonly kind: "print"; readonly text: string; readonly exitCode: 0 | 64 | 78 }
  | ({ readonly kind: "run"; readonly operands: readonly string[] } & ConfigReading<Keys>);

export interface CommandConfig<Keys extends ConfigKeys> {
  /** @param argv what follows the command's name */
  start(argv: readonly string[], env: Environment): CommandStart<Keys>;
  help(): string;
}

/** @throws TypeError for a schema that breaks its own rules */
export function defineCommand<const Keys extends ConfigKeys>(
  definition: CommandDefinition<Keys>,
): CommandConfig<Keys> {
  const { program, envPrefix, operands = "" } = definition;
  const keys = nameKeys(definition.keys, envPrefix);
  const own = new Set(keys.map(({ name }) => name));
  const otherKeys = nameKeys(definition.otherKeys ?? {}, envPrefix).filter(({ name }) => !own.has(name));
  const help = (): string => commandHelpText({ ...definition, keys, operands });
  return {
    help,
    start(argv, env) {
      const line = readFlags(argv, keys);
      if (line.help) return { kind: "print", text: help(), exitCode: 0 };
      const [surplus] = line.words;
      if (operands === "" && surplus !== undefined) {
        const text = `${JSON.stringify(surplus)} is too much: ${program} takes flags only. See ${program} --help.\n`;
        return { kind: "print", text, exitCode: 64 };
      }
      try {
        const reading = readConfig({ ...definition, keys, otherKeys }, line, env);
        return { kind: "run", operands: line.words, ...reading };
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return { kind: "print", text: `${error.message}\n`, exitCode: 78 };
      }
    },
  };
}
