/** Everything that is wrong with a configuration, at once. */
import type { ConfigProblem } from "./setting.ts";

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "bad-config";
  readonly problems: readonly ConfigProblem[];

  constructor(program: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const lines = problems.map(({ name, source, text }) =>
      source === undefined ? `  ${name}: ${text}` : `  ${name} (from ${source}): ${text}`,
    );
    super(`The configuration of ${program} has ${count}:\n${lines.join("\n")}`);
    this.problems = problems;
  }
}
