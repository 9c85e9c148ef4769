/** One value that somebody wrote for a key, and where; collected from three places by the files in settings/. */
import type { NamedKey } from "./key-names.ts";

export interface Setting {
  readonly key: NamedKey;
  readonly raw: unknown;
  /** For people: `--ping-interval-ms`, `PUSH_PING_INTERVAL_MS`, `/etc/push.json`. */
  readonly source: string;
}

/** Something that is wrong with what was written. */
export interface ConfigProblem {
  /** The key, or the name that is none. */
  readonly name: string;
  /** Where it was written; undefined for what is missing. */
  readonly source: string | undefined;
  /** What is wrong, and what to write. */
  readonly text: string;
}

/** What one place says. */
export interface Settings {
  readonly settings: readonly Setting[];
  readonly problems: readonly ConfigProblem[];
}
