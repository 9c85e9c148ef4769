/** The reference page of a program's configuration, in Markdown. */
import { describeDefault, describeType, inSections } from "./describe-key.ts";
import type { DocumentedProgram } from "./help.ts";
import type { NamedKey } from "./key-names.ts";

export function referencePage({ program, summary, envPrefix, keys }: DocumentedProgram): string {
  const lines = [
    `# Configuration of ${program}`,
    "",
    summary,
    "",
    `Made by \`${program} config-reference\`; do not edit it by hand.`,
    "",
    "Each key can be set by its flag, its environment variable, or in a JSON file (an object of the keys as they " +
      `are written here; \`--config FILE\` or \`${envPrefix}CONFIG\`). Flags count before the environment, that ` +
      "before the file, and that before the default. An empty variable counts as not set. Where a variable with " +
      "`_FILE` is named, it holds the path of a file with the value.",
    "",
    "A duration is a number in the unit that ends the key's name, or has a unit of its own (`250ms`, `30s`, `5m`, " +
      "`2h`, `1d`); a size is a number of bytes, or has a unit (`64KiB`, `20MiB`).",
  ];
  for (const [section, members] of inSections(keys)) {
    lines.push("", `## ${section === "" ? "General" : section}`, "");
    lines.push("| key | is | flag | environment | what it does |", "|---|---|---|---|---|");
    lines.push(...members.map(row));
  }
  return `${lines.join("\n")}\n`;
}

function row(named: NamedKey): string {
  const { name, key, env, hasFile } = named;
  const flags = [
    ...(key.type === "secret" ? [] : [named.flag]),
    ...(key.type === "boolean" ? [named.flag.replace("--", "--no-")] : []),
    ...(hasFile ? [`${named.flag}-file`] : []),
  ];
  const variables = hasFile ? [env, `${env}_FILE`] : [env];
  const cells = [
    code([name]),
    describeType(key).type,
    code(flags),
    code(variables),
    `${key.description} ${describeDefault(named)}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")).join(" | ")} |`;
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
