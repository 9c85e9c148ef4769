/** The environment: `NAME` holds a value, `NAME_FILE` the path of a file that does. */
import type { NamedKey } from "../key-names.ts";
import { nearestName } from "../nearest-name.ts";
import type { ConfigProblem, Setting, Settings } from "../setting.ts";
import { readSecretFile } from "./secret-file.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as one that is not set, as composed deployments write it. */
export function readEnvironment(env: Environment, keys: readonly NamedKey[]): Settings {
  const settings: Setting[] = [];
  const problems: ConfigProblem[] = [];
  for (const key of keys) {
    const raw = env[key.env] === "" ? undefined : env[key.env];
    const fileVariable = `${key.env}_FILE`;
    const path = key.hasFile && env[fileVariable] !== "" ? env[fileVariable] : undefined;
    if (raw !== undefined && path !== undefined) {
      const text = `Both ${key.env} and ${fileVariable} are set: set one of them.`;
      problems.push({ name: key.name, source: "the environment", text });
    } else if (raw !== undefined) {
      settings.push({ key, raw, source: key.env });
    } else if (path !== undefined) {
      const content = readSecretFile(path, key.name, fileVariable, problems);
      if (content !== undefined) settings.push({ key, raw: content, source: fileVariable });
    }
  }
  return { settings, problems };
}

/**
 * Variables with the program's prefix that it does not know: warnings, not errors, because a cluster may set some
 * of its own.
 */
export function unknownVariables(
  env: Environment,
  prefix: string,
  keys: readonly NamedKey[],
): readonly string[] {
  if (prefix === "") return [];
  const known = new Set(keys.flatMap((key) => (key.hasFile ? [key.env, `${key.env}_FILE`] : [key.env])));
  known.add(`${prefix}CONFIG`);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.has(name))
    .map((name) => {
      const nearest = nearestName(name, known);
      return `${name} is set, and is no variable of this program${nearest === undefined ? "." : `. Did you mean ${nearest}?`}`;
    });
}
