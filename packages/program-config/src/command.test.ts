import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defineCommand, type CommandConfig } from "./index.ts";
import { KEYS, SECRET } from "./testing/program.ts";

const OWN_KEYS = {
  out: { type: "string", required: true, description: "Where it writes." },
  level: KEYS.level,
} as const;

const command: CommandConfig<typeof OWN_KEYS> = defineCommand({
  program: "push-server export",
  summary: "Writes the log to a file.",
  envPrefix: "PUSH_",
  operands: "NAME",
  keys: OWN_KEYS,
  otherKeys: KEYS,
});

describe("a command", () => {
  it("has flags and words of its own", () => {
    const started = command.start(["log", "--out", "x", "--level=debug"], {});
    expect(started).toMatchObject({
      kind: "run",
      operands: ["log"],
      config: { out: "x", level: "debug" },
      sources: { out: "--out" },
      warnings: [],
    });
    expect(command.start(["log"], {})).toMatchObject({
      exitCode: 78,
      text: expect.stringMatching(/export has 1 problem:\n {2}out/),
    });
    expect(command.start(["--port", "3", "--out=x"], {})).toMatchObject({
      exitCode: 78,
      text: expect.stringMatching(/--port/),
    });
  });

  it("lives with what the program's environment and file say to others", () => {
    const folder = mkdtempSync(join(tmpdir(), "program-config-"));
    try {
      const file = join(folder, "all.json");
      writeFileSync(file, JSON.stringify({ out: "y", port: "bad", jobSecretFile: "/nowhere", redisUrl: 3 }));
      const env = { PUSH_CONFIG: file, PUSH_JOB_SECRET: SECRET, PUSH_PORT: "bad", PUSH_SITE_URL_: "x" };
      const started = command.start(["log"], env);
      expect(started).toMatchObject({ kind: "run", config: { out: "y" } });
      expect(started.kind === "run" && Object.keys(started.config)).toEqual(["out", "level"]);
      expect(started.kind === "run" && started.warnings).toEqual([
        "PUSH_SITE_URL_ is set, and is no variable of this program. Did you mean PUSH_SITE_URL?",
      ]);
      writeFileSync(file, JSON.stringify({ out: "y", prot: 1 }));
      expect(command.start([], env)).toMatchObject({
        exitCode: 78,
        text: expect.stringMatching(/prot .*Did you mean port\?/),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("helps with its own flags alone", () => {
    expect(command.start(["-h"], {})).toEqual({ kind: "print", text: command.help(), exitCode: 0 });
    expect(command.help()).toContain("Usage: push-server export [FLAGS] NAME\n");
    expect(command.help()).toContain("--out TEXT");
    expect(command.help()).toContain("see push-server print-config");
    expect(command.help()).not.toContain("--port");
  });

  it("takes no words unless it says which", () => {
    const wordless = defineCommand({ program: "p check", summary: "Checks.", envPrefix: "P_", keys: {} });
    expect(wordless.start([], {})).toMatchObject({ kind: "run", operands: [] });
    expect(wordless.start(["now"], {})).toEqual({
      kind: "print",
      text: '"now" is too much: p check takes flags only. See p check --help.\n',
      exitCode: 64,
    });
  });
});
