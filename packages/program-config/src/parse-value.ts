/** From what somebody wrote, text or JSON, to a value of the key's type, or to what is wrong with it. */
import type { ConfigKey } from "./config-key.ts";
import { timeUnit, type NamedKey } from "./key-names.ts";

/** What is wrong and what to write instead; never the value of a secret. */
export class ValueProblem extends Error {
  override readonly name = "ValueProblem";
}

/** @throws ValueProblem */
export function parseValue({ name, key }: NamedKey, raw: unknown): unknown {
  switch (key.type) {
    case "boolean":
      return parseBoolean(raw);
    case "integer":
      return inRange(parseInteger(raw), key, "");
    case "duration": {
      const { milliseconds, plural } = timeUnit(name);
      return inRange(parseDuration(raw, milliseconds, plural), { min: 0, ...key }, ` ${plural}`);
    }
    case "bytes":
      return inRange(parseBytes(raw), { min: 0, ...key }, " bytes");
    case "list":
      return parseList(raw, key.of ?? "string");
    case "url":
      return parseUrl(raw, key.protocols ?? ["http:", "https:"]);
    case "secret":
      return parseSecret(raw, key.minLength ?? 16);
    case "json":
      return parseJson(raw);
    default:
      return parseString(raw, key.choices);
  }
}

function parseBoolean(raw: unknown): boolean {
  if (typeof raw === "boolean") return raw;
  const text = typeof raw === "string" ? raw.toLowerCase() : "";
  if (["true", "yes", "on", "1"].includes(text)) return true;
  if (["false", "no", "off", "0"].includes(text)) return false;
  throw new ValueProblem(`${show(raw)} is neither true nor false: write true or false.`);
}

function parseInteger(raw: unknown): number {
  const value = typeof raw === "string" && /^[+-]?\d+$/.test(raw) ? Number(raw) : raw;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new ValueProblem(`${show(raw)} is no whole number: write digits only.`);
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function parseDuration(raw: unknown, unitMs: number, plural: string): number {
  const { amount, unit } = split(raw);
  const factor = unit === "" ? unitMs : MILLISECONDS[unit];
  const value = amount === undefined || factor === undefined ? Number.NaN : (amount * factor) / unitMs;
  // Parts of a millisecond are nobody's intention.
  if (Number.isFinite(value) && (unitMs > 1 || Number.isInteger(value))) return value;
  throw new ValueProblem(
    `${show(raw)} is no duration: write a number of ${plural}, or one with a unit, such as 250ms, 30s, 5m, 2h.`,
  );
}

const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

function parseBytes(raw: unknown): number {
  const { amount, unit } = split(raw);
  const value = (amount ?? Number.NaN) * (BYTES[unit.toLowerCase()] ?? Number.NaN);
  if (Number.isSafeInteger(value)) return value;
  throw new ValueProblem(
    `${show(raw)} is no size: write a number of bytes, or one with a unit, such as 64KiB, 20MiB.`,
  );
}

function split(raw: unknown): { amount: number | undefined; unit: string } {
  if (typeof raw === "number") return { amount: raw, unit: "" };
  const [, amount, unit = ""] =
    typeof raw === "string" ? (/^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(raw) ?? []) : [];
  return { amount: amount === undefined ? undefined : Number(amount), unit };
}

function inRange(value: number, { min, max }: { min?: number; max?: number }, unit: string): number {
  if (min !== undefined && value < min)
    throw new ValueProblem(`${value} is too small: at least ${min}${unit}.`);
  if (max !== undefined && value > max)
    throw new ValueProblem(`${value} is too large: at most ${max}${unit}.`);
  return value;
}

function parseList(raw: unknown, of: "string" | "url" | "origin"): readonly string[] {
  const items: unknown = typeof raw === "string" ? raw.split(",") : raw;
  if (!Array.isArray(items) || !items.every((item) => typeof item === "string")) {
    throw new ValueProblem(
      `${show(raw)} is no list: write strings, separated by commas, or an array in the file.`,
    );
  }
  const trimmed = items.map((item) => item.trim()).filter((item) => item !== "");
  if (of === "url") return trimmed.map((item) => parseUrl(item, ["http:", "https:"]));
  return of === "origin" ? trimmed.map(parseOrigin) : trimmed;
}

function parseOrigin(text: string): string {
  const url = URL.parse(text);
  if (url !== null && url.origin !== "null" && text.replace(/\/$/, "").toLowerCase() === url.origin)
    return url.origin;
  throw new ValueProblem(
    `${show(text)} is no origin: write scheme, host and port as browsers do, such as https://intranet.example.com.`,
  );
}

function parseUrl(raw: unknown, protocols: readonly string[]): string {
  const url = typeof raw === "string" ? URL.parse(raw) : null;
  if (url !== null && protocols.includes(url.protocol)) return String(raw);
  const schemes = protocols.map((protocol) => `${protocol}//`).join(" or ");
  throw new ValueProblem(
    `${show(hidePassword(raw))} is no URL that begins with ${schemes}: write a whole one.`,
  );
}

function parseSecret(raw: unknown, minLength: number): string {
  if (typeof raw !== "string") throw new ValueProblem("It must be a string.");
  if (raw.length < minLength) {
    throw new ValueProblem(
      `It is too short (${raw.length} characters): at least ${minLength}, for example from \`openssl rand -hex 32\`.`,
    );
  }
  return raw;
}

function parseJson(raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  try {
    return JSON.parse(raw) as unknown;
  } catch (error) {
    throw new ValueProblem(`It is no JSON: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}

function parseString(raw: unknown, choices: readonly string[] | undefined): string {
  if (typeof raw !== "string") throw new ValueProblem(`${show(raw)} is no string: write it in quotes.`);
  if (choices === undefined || choices.includes(raw)) return raw;
  throw new ValueProblem(`${show(raw)} is not one of the choices: write ${choices.join(", ")}.`);
}

/** A URL without its password; what is no URL as it is. */
export function hidePassword(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/(:\/\/[^/?#@]*?:)[^/?#]*@/, "$1***@") : value;
}

function show(raw: unknown): string {
  return (JSON.stringify(raw) ?? String(raw)).slice(0, 80);
}

/** The value of a key that nobody set. */
export function defaultValue(key: ConfigKey): unknown {
  if ("default" in key && key.default !== undefined) return key.default;
  if (key.type === "boolean") return false;
  return key.type === "list" ? [] : undefined;
}
