/** What `print-config` prints: one line for each key, its value and where that came from. */
import type { NamedKey } from "./key-names.ts";
import { hidePassword } from "./parse-value.ts";

export function printSettings(
  keys: readonly NamedKey[],
  config: Readonly<Record<string, unknown>>,
  sources: Readonly<Record<string, string>>,
): string {
  const rows = keys.map(({ name, key }) => {
    const value = config[name];
    const shown = key.type === "secret" ? (value === undefined ? undefined : "[secret]") : redact(value);
    return { text: `${name} = ${JSON.stringify(shown) ?? "(not set)"}`, source: sources[name] ?? "default" };
  });
  const widest = Math.min(60, Math.max(...rows.map(({ text }) => text.length)));
  return rows.map(({ text, source }) => `${text.padEnd(widest)}  # ${source}\n`).join("");
}

/** Passwords hide in URLs wherever they stand, in lists and JSON too. */
function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return hidePassword(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, redact(member)]));
}
