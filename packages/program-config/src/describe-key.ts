/** A key in words: the same in help and on the reference page. */
import type { ConfigKey } from "./config-key.ts";
import { timeUnit, type NamedKey } from "./key-names.ts";
import { defaultValue } from "./parse-value.ts";

/** Keys by their section, in the order of the schema. */
export function inSections(keys: readonly NamedKey[]): ReadonlyMap<string, readonly NamedKey[]> {
  return Map.groupBy(keys, ({ key }) => key.section ?? "");
}

/** The type in a word or two, and what stands for a value in usage lines. */
export function describeType(key: ConfigKey): { readonly type: string; readonly placeholder: string } {
  switch (key.type) {
    case "integer":
      return { type: `integer${range(key)}`, placeholder: "N" };
    case "duration":
      return { type: `duration${range(key)}`, placeholder: "TIME" };
    case "bytes":
      return { type: `size${range(key)}`, placeholder: "SIZE" };
    case "boolean":
      return { type: "switch", placeholder: "true|false" };
    case "list":
      return { type: `list of ${key.of ?? "string"}s`, placeholder: "A,B" };
    case "url":
      return { type: "URL", placeholder: "URL" };
    case "secret":
      return { type: "secret", placeholder: "TEXT" };
    case "json":
      return { type: "JSON", placeholder: "JSON" };
    default:
      return key.choices === undefined
        ? { type: "string", placeholder: "TEXT" }
        : { type: key.choices.join(" or "), placeholder: key.choices.join("|") };
  }
}

/** One sentence. */
export function describeDefault(named: NamedKey): string {
  const { key } = named;
  if (key.required === true) return "Required.";
  const value = defaultValue(key);
  return value === undefined || (Array.isArray(value) && value.length === 0)
    ? "Default: none."
    : `Default: ${writeValue(named, value)}.`;
}

/** A value as people write it, with its unit. */
function writeValue({ name, key }: NamedKey, value: unknown): string {
  if (key.type === "duration") return `${String(value)} ${timeUnit(name).plural}`;
  if (key.type === "bytes") return `${String(value)} bytes`;
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function range({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min !== undefined && max !== undefined) return `, ${min} to ${max}`;
  if (min !== undefined) return `, at least ${min}`;
  return max === undefined ? "" : `, at most ${max}`;
}
