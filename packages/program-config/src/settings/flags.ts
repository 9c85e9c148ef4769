/** The command line: flags are settings, what else there is are the words of the command. */
import type { NamedKey } from "../key-names.ts";
import { nearestName } from "../nearest-name.ts";
import type { ConfigProblem, Setting, Settings } from "../setting.ts";
import { readSecretFile } from "./secret-file.ts";

export interface CommandLine extends Settings {
  readonly words: readonly string[];
  readonly help: boolean;
  /** `--config` */
  readonly file: string | undefined;
}

/** Reads `--name value`, `--name=value`, `--switch` and `--no-switch`. */
export function readFlags(argv: readonly string[], keys: readonly NamedKey[]): CommandLine {
  const words: string[] = [];
  const problems: ConfigProblem[] = [];
  const settings = new Map<string, Setting>();
  let help = false;
  let file: string | undefined;
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === "--help" || argument === "-h") {
      help = true;
      continue;
    }
    if (!argument.startsWith("-")) {
      words.push(argument);
      continue;
    }
    const [flag = "", ...after] = argument.split("=");
    const target = findFlag(flag, keys);
    if (target === undefined) {
      problems.push({ name: flag, source: "the command line", text: unknownFlag(flag, keys) });
      // Its value, most likely: no second complaint.
      if (after.length === 0 && rest[0]?.startsWith("-") === false) rest.shift();
      continue;
    }
    const text = valueOf(target, after, rest);
    if (text === undefined) {
      problems.push({
        name: flag,
        source: "the command line",
        text: `${flag} lacks its value: write ${flag}=VALUE.`,
      });
    } else if (target === "config") {
      file = text;
    } else {
      set(target, text);
    }
  }
  return { words, help, file, settings: [...settings.values()], problems };

  function set({ key, fromFile }: FlagTarget, text: string): void {
    const source = fromFile ? `${key.flag}-file` : key.flag;
    const raw = fromFile ? readSecretFile(text, key.name, source, problems) : text;
    if (raw === undefined) return;
    const earlier = settings.get(key.name);
    if (earlier !== undefined && key.key.type !== "list") {
      problems.push({ name: key.name, source, text: "It was given twice: write it once." });
      return;
    }
    settings.set(key.name, {
      key,
      source,
      raw: earlier === undefined ? raw : `${String(earlier.raw)},${raw}`,
    });
  }
}

interface FlagTarget {
  readonly key: NamedKey;
  readonly fromFile: boolean;
  /** What a switch is set to by its name alone. */
  readonly switchedTo?: "true" | "false";
}

function findFlag(flag: string, keys: readonly NamedKey[]): FlagTarget | "config" | undefined {
  if (flag === "--config") return "config";
  for (const key of keys) {
    if (key.key.type === "boolean") {
      if (flag === key.flag) return { key, fromFile: false, switchedTo: "true" };
      if (flag === key.flag.replace("--", "--no-")) return { key, fromFile: false, switchedTo: "false" };
    }
    if (flag === key.flag && key.key.type !== "secret") return { key, fromFile: false };
    if (flag === `${key.flag}-file` && key.hasFile) return { key, fromFile: true };
  }
  return undefined;
}

function valueOf(
  target: FlagTarget | "config",
  after: readonly string[],
  rest: string[],
): string | undefined {
  if (after.length > 0) return after.join("=");
  if (target !== "config" && target.switchedTo !== undefined) return target.switchedTo;
  return rest[0]?.startsWith("--") === true ? undefined : rest.shift();
}

function unknownFlag(flag: string, keys: readonly NamedKey[]): string {
  const secret = keys.find((key) => key.key.type === "secret" && key.flag === flag);
  if (secret !== undefined) {
    return `A secret is no flag, because everybody on the machine could read it: write ${secret.flag}-file FILE, or set ${secret.env}.`;
  }
  const known = keys.flatMap((key) => [
    ...(key.key.type === "secret" ? [] : [key.flag]),
    ...(key.hasFile ? [`${key.flag}-file`] : []),
  ]);
  const nearest = nearestName(flag, ["--config", "--help", ...known]);
  return `There is no such flag.${nearest === undefined ? " See --help." : ` Did you mean ${nearest}?`}`;
}
