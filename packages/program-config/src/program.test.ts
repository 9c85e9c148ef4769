import { describe, expect, it } from "vitest";
import { KEYS, program, SECRET, SITE } from "./testing/program.ts";

describe("a program", () => {
  it("is told what to run, and with which configuration", () => {
    expect(program.start([], SITE)).toMatchObject({ kind: "run", command: "serve", config: { port: 8081 } });
    expect(program.start(["drop-log", "--port", "1"], SITE)).toMatchObject({ command: "drop-log" });
  });

  it("ends with a status that says whose mistake it was", () => {
    expect(program.start(["serv"], SITE)).toEqual({
      kind: "print",
      text: '"serv" is not what this program can be told here. Did you mean serve?\n',
      exitCode: 64,
    });
    expect(program.start(["serve", "now"], SITE)).toMatchObject({ exitCode: 64 });
    expect(program.start(["toString"], SITE)).toMatchObject({ exitCode: 64 });
    expect(program.start([], {})).toMatchObject({
      exitCode: 78,
      text: expect.stringMatching(/siteUrl: It is missing/),
    });
  });

  it("checks its configuration, and warns of variables that look like its own", () => {
    expect(program.start(["check-config"], { ...SITE, PUSH_PROT: "1", OTHER: "2" })).toEqual({
      kind: "print",
      text: "PUSH_PROT is set, and is no variable of this program. Did you mean PUSH_PORT?\nThe configuration is good.\n",
      exitCode: 0,
    });
    expect(program.start(["check-config"], {})).toMatchObject({ exitCode: 78 });
  });

  it("prints its configuration without secrets", () => {
    const env = { ...SITE, PUSH_JOB_SECRET: SECRET, REDIS_URL: "redis://me:pa:ss@redis:6379/1" };
    const adapter = '{"url":"http://me:secret@x/"}';
    const printed = program.start(["print-config", "--port", "3", "--adapter", adapter], env);
    const text = printed.kind === "print" ? printed.text : "";
    expect(text).toMatch(/^port = 3 +# --port$/m);
    expect(text).toMatch(/^jobSecret = "\[secret\]" +# PUSH_JOB_SECRET$/m);
    expect(text).toMatch(/^redisUrl = "redis:\/\/me:\*\*\*@redis:6379\/1" +# REDIS_URL$/m);
    expect(text).toMatch(/^adapter = \{"url":"http:\/\/me:\*\*\*@x\/"\} +# --adapter$/m);
    expect(text).toMatch(/^label = \(not set\) +# default$/m);
    expect(text).toMatch(/^cookieNames = \["__ac"\] +# default$/m);
    expect(text).not.toContain(SECRET);
  });

  it("helps, also when its configuration is bad", () => {
    for (const argv of [["--help"], ["serve", "-h", "--port=x"], ["help"]]) {
      expect(program.start(argv, {})).toEqual({ kind: "print", text: program.help(), exitCode: 0 });
    }
    for (const name of Object.keys(KEYS)) {
      expect(program.help()).toContain(
        `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      );
    }
    expect(program.help()).toMatch(
      /--ping-interval-ms TIME\n +Between two pings. Default: 25000 milliseconds. \[PUSH_P/,
    );
    expect(program.help()).toMatch(/--job-secret-file FILE\n/);
    expect(program.help()).toMatch(/serve +Serves. \(default\)/);
  });

  it("says its version, also when its configuration is bad", () => {
    for (const argv of [["--version"], ["version"], ["serve", "--port=x", "--version"]]) {
      expect(program.start(argv, {})).toMatchObject({
        kind: "print",
        text: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
        exitCode: 0,
      });
    }
    expect(program.help()).toMatch(/^ {2}version +Prints the version/m);
  });

  it("writes its reference page", () => {
    const started = program.start(["config-reference"], {});
    expect(started).toEqual({ kind: "print", text: program.reference(), exitCode: 0 });
    expect(program.reference()).toContain(
      "| `pingIntervalMs` | duration, at least 1000 | `--ping-interval-ms` | `PUSH_PING_INTERVAL_MS` | " +
        "Between two pings. Default: 25000 milliseconds. |",
    );
    expect(program.reference()).toContain(
      "| `jobSecret` | secret | `--job-secret-file` | `PUSH_JOB_SECRET`, ",
    );
    expect(program.reference()).toContain("A name \\| for people.");
    expect(program.reference()).toMatch(/## General\n[^]*## Redis\n/);
  });
});
