/** What one key is called in each place: environment, flags, help. */
import type { ConfigKey, ConfigKeys } from "./config-key.ts";

export interface NamedKey {
  /** As in the file: `pingIntervalMs`. */
  readonly name: string;
  /** `PUSH_PING_INTERVAL_MS` */
  readonly env: string;
  /** `--ping-interval-ms` */
  readonly flag: string;
  /** Whether a file can hold its value: `jobSecretFile`, `PUSH_JOB_SECRET_FILE`, `--job-secret-file`. */
  readonly hasFile: boolean;
  readonly key: ConfigKey;
}

/** Milliseconds in each unit of time that may end a key's name. */
const TIME_UNITS: readonly (readonly [suffix: string, milliseconds: number, plural: string])[] = [
  ["Ms", 1, "milliseconds"],
  ["Seconds", 1000, "seconds"],
  ["Minutes", 60_000, "minutes"],
  ["Hours", 3_600_000, "hours"],
  ["Days", 86_400_000, "days"],
];

/** @throws TypeError for a key that breaks the rules: the program's own mistake */
export function nameKeys(keys: ConfigKeys, envPrefix: string): readonly NamedKey[] {
  return Object.entries(keys).map(([name, key]) => nameKey(name, key, envPrefix));
}

function nameKey(name: string, key: ConfigKey, envPrefix: string): NamedKey {
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) throw new TypeError(`${name}: a key is written in camelCase.`);
  if (key.type === "duration") timeUnit(name);
  if (key.type === "bytes" && !name.endsWith("Bytes"))
    throw new TypeError(`${name}: the name of a key of bytes ends in Bytes.`);
  const words = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return {
    name,
    key,
    env: key.env ?? envPrefix + words.toUpperCase(),
    flag: `--${words.toLowerCase().replaceAll("_", "-")}`,
    hasFile: key.type === "secret" || (key.type === "url" && key.fromFile === true),
  };
}

/** The unit at the end of a duration's name. @throws TypeError if there is none */
export function timeUnit(name: string): { readonly milliseconds: number; readonly plural: string } {
  for (const [suffix, milliseconds, plural] of TIME_UNITS) {
    if (name.endsWith(suffix)) return { milliseconds, plural };
  }
  throw new TypeError(
    `${name}: the name of a duration ends in its unit: Ms, Seconds, Minutes, Hours or Days.`,
  );
}
