/** Secrets that are mounted as files. */
import { readFileSync } from "node:fs";
import type { ConfigProblem } from "../setting.ts";

/** Its text without the line end that editors add; undefined, and a problem more, if it cannot be read. */
export function readSecretFile(
  path: string,
  name: string,
  source: string,
  problems: ConfigProblem[],
): string | undefined {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    problems.push({
      name,
      source,
      text: `The file ${path} cannot be read (${reason}): check that it is there, and readable by this user.`,
    });
    return undefined;
  }
}
