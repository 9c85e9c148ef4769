/** The vocabulary of a schema: what a key can be, and the type of the value it gives. */

interface KeyBase {
  /** What it does, and why one would change it; whole sentences. Help and reference page print it. */
  readonly description: string;
  /** The environment variable. Default: the program's prefix and the key, `pingIntervalMs` -> `PING_INTERVAL_MS`. */
  readonly env?: string;
  /** The heading that help and reference page print it under. */
  readonly section?: string;
  /** Without a value the configuration is bad. */
  readonly required?: true;
}

interface StringKey extends KeyBase {
  readonly type: "string";
  readonly default?: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
}

interface IntegerKey extends KeyBase {
  readonly type: "integer";
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}

/**
 * A number in the unit that ends the key's name: `Ms`, `Seconds`, `Minutes`, `Hours` or `Days`. A number with a
 * unit of its own (`250ms`, `30s`, `5m`, `2h`, `1d`) is converted to it. Default of `min`: 0.
 */
interface DurationKey extends KeyBase {
  readonly type: "duration";
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}

/** Bytes; the key's name ends in `Bytes`. `64KiB`, `20MiB`, `1GB` are converted. Default of `min`: 0. */
interface BytesKey extends KeyBase {
  readonly type: "bytes";
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}

/** A switch: `--embedded`, `--no-embedded`; true, false, yes, no, on, off, 1, 0. Default: false. */
interface BooleanKey extends KeyBase {
  readonly type: "boolean";
  readonly default?: boolean;
}

/** Strings: separated by commas, the flag repeated, or an array in the file. Default: empty. */
interface ListKey extends KeyBase {
  readonly type: "list";
  readonly default?: readonly string[];
  /** What each one is. Default: `string`. */
  readonly of?: "string" | "url" | "origin";
}

/** An absolute URL. A password in it is never printed. */
interface UrlKey extends KeyBase {
  readonly type: "url";
  readonly default?: string;
  /** Such as `redis:`. Default: `http:` and `https:`. */
  readonly protocols?: readonly string[];
  /** It may hold a password: `X_FILE` names a file that it is read from, as for secrets. */
  readonly fromFile?: true;
}

/** Never printed, and never a flag, which everybody on the machine could read: `X_FILE` names a file with it. */
interface SecretKey extends KeyBase {
  readonly type: "secret";
  /** In characters. Default: 16. */
  readonly minLength?: number;
}

/** Anything that JSON can say; the program checks it. JSON text in the environment and in flags. */
interface JsonKey extends KeyBase {
  readonly type: "json";
}

export type ConfigKey =
  | StringKey
  | IntegerKey
  | DurationKey
  | BytesKey
  | BooleanKey
  | ListKey
  | UrlKey
  | SecretKey
  | JsonKey;

/** A program's keys, in camelCase, the unit at the end of the name. */
export type ConfigKeys = Readonly<Record<string, ConfigKey>>;

/** The configuration that a schema describes. Declare the schema `as const`. */
export type ConfigOf<Keys extends ConfigKeys> = {
  readonly [Name in keyof Keys]: ValueOf<Keys[Name]> | Absent<Keys[Name]>;
};

type ValueOf<Key extends ConfigKey> = Key extends { type: "boolean" }
  ? boolean
  : Key extends { type: "integer" | "duration" | "bytes" }
    ? number
    : Key extends { type: "list" }
      ? readonly string[]
      : Key extends { type: "json" }
        ? unknown
        : Key extends { choices: readonly (infer Choice)[] }
          ? Choice
          : string;

/** Switches and lists always have a value. */
type Absent<Key extends ConfigKey> = Key extends
  | { type: "boolean" | "list" }
  | { required: true }
  | { default: unknown }
  ? never
  : undefined;
