import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { ConfigError, defineConfig, type ConfigOf, type Environment } from "./index.ts";
import { program, SECRET, SITE, type KEYS } from "./testing/program.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "program-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function problems(argv: readonly string[], env: Environment = SITE): readonly string[] {
  try {
    program.read(argv, env);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ name, source, text }) => `${name} (${source ?? "nowhere"}): ${text}`);
    throw error;
  }
  return [];
}

describe("a configuration", () => {
  it("has the schema's types", () => {
    const { config } = program.read([], SITE);
    expectTypeOf(config).toEqualTypeOf<ConfigOf<typeof KEYS>>();
    expectTypeOf(config.siteUrl).toEqualTypeOf<string>();
    expectTypeOf(config.redisUrl).toEqualTypeOf<string | undefined>();
    expectTypeOf(config.pingIntervalMs).toEqualTypeOf<number>();
    expectTypeOf(config.embedded).toEqualTypeOf<boolean>();
    expectTypeOf(config.origins).toEqualTypeOf<readonly string[]>();
    expectTypeOf(config.level).toEqualTypeOf<"info" | "debug">();
    expectTypeOf(config.jobSecret).toEqualTypeOf<string | undefined>();
    expectTypeOf(config.adapter).toEqualTypeOf<unknown>();
  });

  it("has the defaults where nobody says otherwise", () => {
    const { config, sources, warnings } = program.read([], SITE);
    expect(config).toEqual({
      siteUrl: "http://cms.example",
      redisUrl: undefined,
      port: 8081,
      pingIntervalMs: 25_000,
      cacheSeconds: 10,
      maxBodyBytes: 65_536,
      embedded: false,
      log: true,
      origins: [],
      cookieNames: ["__ac"],
      level: "info",
      label: undefined,
      jobSecret: undefined,
      adapter: undefined,
    });
    expect(sources).toMatchObject({ siteUrl: "PUSH_SITE_URL", port: "default" });
    expect(warnings).toEqual([]);
  });

  it("takes flags before the environment, that before the file, that before defaults", () => {
    const path = file("all.json", { port: 1, pingIntervalMs: "1m", level: "debug", siteUrl: "http://file" });
    const env = { PUSH_CONFIG: path, PUSH_PORT: "2", PUSH_PING_INTERVAL_MS: "2000", PUSH_LABEL: "" };
    const { config, sources } = program.read(["--port", "3"], env);
    expect(config).toMatchObject({ port: 3, pingIntervalMs: 2000, level: "debug", siteUrl: "http://file" });
    expect(config.label).toBeUndefined();
    expect(sources).toMatchObject({
      port: "--port",
      pingIntervalMs: "PUSH_PING_INTERVAL_MS",
      level: path,
      cacheSeconds: "default",
    });
    const other = file("other.json", { siteUrl: "http://other" });
    expect(program.read([`--config=${other}`], env).config.siteUrl).toBe("http://other");
  });

  it("converts units to that of the key", () => {
    const argv = ["--ping-interval-ms=30s", "--cache-seconds=250ms", "--max-body-bytes=64KiB"];
    expect(program.read(argv, SITE).config).toMatchObject({
      pingIntervalMs: 30_000,
      cacheSeconds: 0.25,
      maxBodyBytes: 65_536,
    });
    const path = file("units.json", { siteUrl: "http://x", cacheSeconds: "2h", maxBodyBytes: "1kB" });
    expect(program.read(["--config", path], {}).config).toMatchObject({
      cacheSeconds: 7200,
      maxBodyBytes: 1000,
    });
  });

  it("reads switches, lists, JSON and values with an equals sign", () => {
    const { config } = program.read(
      [
        "--embedded",
        "--no-log",
        "--cookie-names",
        "a, b",
        "--cookie-names=c",
        "--label=x=y",
        "--origins=https://a.example/,https://B.example:8443",
        '--adapter={"kind":"generic"}',
      ],
      SITE,
    );
    expect(config).toMatchObject({
      embedded: true,
      log: false,
      cookieNames: ["a", "b", "c"],
      label: "x=y",
      origins: ["https://a.example", "https://b.example:8443"],
      adapter: { kind: "generic" },
    });
    const path = file("kinds.json", { embedded: true, cookieNames: ["x"], adapter: { kind: "generic" } });
    expect(program.read(["--config", path, "--embedded=off"], SITE).config).toMatchObject({
      embedded: false,
      cookieNames: ["x"],
      adapter: { kind: "generic" },
    });
  });

  it("reads secrets from files, wherever they are named", () => {
    const path = file("secret", `${SECRET}\n`);
    const url = file("redis", "redis://:pw@localhost");
    const config = file("with-secret.json", { jobSecretFile: path });
    for (const [argv, env] of [
      [[], { PUSH_JOB_SECRET: SECRET }],
      [[], { PUSH_JOB_SECRET_FILE: path }],
      [["--job-secret-file", path], {}],
      [["--config", config], {}],
    ] as const) {
      expect(program.read(argv, { ...SITE, ...env }).config.jobSecret).toBe(SECRET);
    }
    expect(program.read([], { ...SITE, REDIS_URL_FILE: url }).config.redisUrl).toBe("redis://:pw@localhost");
  });
});

describe("a bad configuration", () => {
  it("names every bad key, where it came from, what is wrong and what to write", () => {
    const path = file("bad.json", { pingIntervl: 3, level: "loud", log: 5, redisUrl: "http://u:pw@x" });
    const argv = ["--config", path, "--prot", "80", "--port=high", "--job-secret=x", "--max-body-bytes"];
    const env = { PUSH_CACHE_SECONDS: "soon", PUSH_ORIGINS: "intranet", PUSH_PING_INTERVAL_MS: "10" };
    expect(problems(argv, env)).toEqual([
      "--prot (the command line): There is no such flag. Did you mean --port?",
      "--job-secret (the command line): A secret is no flag, because everybody on the machine could read it: " +
        "write --job-secret-file FILE, or set PUSH_JOB_SECRET.",
      "--max-body-bytes (the command line): --max-body-bytes lacks its value: write --max-body-bytes=VALUE.",
      `pingIntervl (${path}): There is no such key. Did you mean pingIntervalMs?`,
      'siteUrl (nowhere): It is missing: set PUSH_SITE_URL, --site-url or "siteUrl" in the file.',
      `redisUrl (${path}): "http://u:***@x" is no URL that begins with redis:// or rediss://: write a whole one.`,
      'port (--port): "high" is no whole number: write digits only.',
      "pingIntervalMs (PUSH_PING_INTERVAL_MS): 10 is too small: at least 1000 milliseconds.",
      'cacheSeconds (PUSH_CACHE_SECONDS): "soon" is no duration: write a number of seconds, or one with a unit, ' +
        "such as 250ms, 30s, 5m, 2h.",
      `log (${path}): 5 is neither true nor false: write true or false.`,
      'origins (PUSH_ORIGINS): "intranet" is no origin: write scheme, host and port as browsers do, such as ' +
        "https://intranet.example.com.",
      `level (${path}): "loud" is not one of the choices: write info, debug.`,
    ]);
  });

  it.each<[string[], Environment, RegExp]>([
    [["--port", "1", "--port", "2"], {}, /port \(--port\): It was given twice/],
    [["--port"], {}, /lacks its value/],
    [["--port", "70000"], {}, /at most 65535/],
    [["--port", "1.5"], {}, /no whole number/],
    [["--ping-interval-ms", "1500.5"], {}, /no duration/],
    [["--ping-interval-ms", "-5s"], {}, /no duration/],
    [["--max-body-bytes", "1.5"], {}, /no size/],
    [["--max-body-bytes", "2GiB"], {}, /too large: at most 1048576 bytes/],
    [["--embedded=perhaps"], {}, /neither true nor false/],
    [["--adapter", "{"], {}, /no JSON/],
    [["--site-url", "cms.example"], {}, /begins with http:\/\/ or https:\/\//],
    [[], { PUSH_JOB_SECRET: "short" }, /jobSecret \(PUSH_JOB_SECRET\): It is too short \(5 characters\)/],
    [[], { PUSH_JOB_SECRET_FILE: "/nowhere" }, /The file \/nowhere cannot be read \(ENOENT\)/],
    [[], { PUSH_JOB_SECRET: SECRET, PUSH_JOB_SECRET_FILE: "/x" }, /Both PUSH_JOB_SECRET and/],
    [["--config", "/nowhere.json"], {}, /cannot be read: ENOENT/],
    [["--embedded"], { REDIS_URL: "redis://x" }, /embedded \(--embedded\): It excludes redisUrl/],
  ])("is refused for %j and %j", (argv, env, text) => {
    const found = problems(argv, { ...SITE, ...env });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(text);
  });

  it("does not let secrets out", () => {
    const path = file("leaky.json", `{"jobSecret": "${SECRET}" "x"}`);
    const twice = file("twice.json", { jobSecret: SECRET, jobSecretFile: file("secret2", SECRET) });
    for (const argv of [["--config", path], ["--config", twice], [`--job-secret=${SECRET}`]]) {
      const found = problems(argv);
      expect(found).toHaveLength(1);
      expect(found.join()).not.toContain(SECRET);
    }
    expect(problems([], { ...SITE, PUSH_JOB_SECRET: "short" }).join()).not.toContain('"short"');
    expect(problems(["--config", path])[0]).toMatch(/no JSON at position/);
    expect(problems(["--config", file("array.json", [])])[0]).toMatch(/no JSON object/);
  });

  it("is told whole in the error's text", () => {
    expect(() => program.read(["--port=x"], {})).toThrow(
      /^The configuration of push-server has 2 problems:\n {2}siteUrl: .*\n {2}port \(from --port\): /,
    );
  });
});

describe("a schema", () => {
  it.each([
    [{ pingInterval: { type: "duration", description: "x" } }, /ends in its unit/],
    [{ maxBody: { type: "bytes", description: "x" } }, /ends in Bytes/],
    [{ "max-body": { type: "string", description: "x" } }, /camelCase/],
  ] as const)("that breaks its own rules is refused: %j", (keys, text) => {
    const definition = { program: "x", summary: "x", envPrefix: "X_", commands: { run: "Runs." } };
    expect(() => defineConfig({ ...definition, keys })).toThrow(text);
  });
});
