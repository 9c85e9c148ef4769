/** The configuration file: one JSON object, its keys as in the schema. */
import { readFileSync } from "node:fs";
import type { NamedKey } from "../key-names.ts";
import { nearestName } from "../nearest-name.ts";
import type { ConfigProblem, Setting, Settings } from "../setting.ts";
import { readSecretFile } from "./secret-file.ts";

/**
 * A relative path is relative to the working folder.
 * @param otherKeys may stand in the file, and are not read
 */
export function readConfigFile(
  path: string,
  keys: readonly NamedKey[],
  otherKeys: readonly NamedKey[] = [],
): Settings {
  const settings: Setting[] = [];
  const problems: ConfigProblem[] = [];
  for (const [name, raw] of Object.entries(parseFile(path, problems))) {
    const key = keys.find((candidate) => name === candidate.name);
    const ofFile = keys.find((candidate) => candidate.hasFile && name === `${candidate.name}File`);
    if (key !== undefined) {
      settings.push({ key, raw, source: path });
    } else if (ofFile !== undefined) {
      const text = readSecretFile(String(raw), ofFile.name, `${name} in ${path}`, problems);
      if (text !== undefined) settings.push({ key: ofFile, raw: text, source: `${name} in ${path}` });
    } else if (!namesOf(otherKeys).includes(name)) {
      const known = namesOf([...keys, ...otherKeys]);
      const nearest = nearestName(name, known);
      const text = `There is no such key.${nearest === undefined ? " See --help." : ` Did you mean ${nearest}?`}`;
      problems.push({ name, source: path, text });
    }
  }
  for (const { key } of settings.filter(
    (setting, index) => settings.findIndex((other) => other.key === setting.key) < index,
  )) {
    problems.push({
      name: key.name,
      source: path,
      text: `Both ${key.name} and ${key.name}File are there: write one.`,
    });
  }
  return { settings, problems };
}

function namesOf(keys: readonly NamedKey[]): readonly string[] {
  return keys.flatMap(({ name, hasFile }) => (hasFile ? [name, `${name}File`] : [name]));
}

function parseFile(path: string, problems: ConfigProblem[]): Readonly<Record<string, unknown>> {
  try {
    const content = JSON.parse(readFileSync(path, "utf8")) as unknown;
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return { ...content };
    problems.push({ name: "--config", source: path, text: 'It is no JSON object: write {"key": "value"}.' });
  } catch (error) {
    problems.push({ name: "--config", source: path, text: `It cannot be read: ${explain(error)}.` });
  }
  return {};
}

/** Where JSON is wrong, but none of it: it may hold secrets. */
function explain(error: unknown): string {
  if (!(error instanceof SyntaxError))
    return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
  const [, place = ""] = /( at position \d+(?: \(line \d+ column \d+\))?)/.exec(error.message) ?? [];
  return `it is no JSON${place}`;
}
