import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { program, pushServerOptions } from "./config.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { DEFAULT_RETENTION } from "./retained-window.ts";

const CMS = ["--cms-url=http://127.0.0.1:8080/Plone"];

describe("the configuration", () => {
  it("has the library's own defaults", () => {
    const { config } = program.read(CMS, {});
    const options = pushServerOptions(config);
    expect(options.limits).toEqual(DEFAULT_LIMITS);
    expect(options.retention).toEqual({ ...DEFAULT_RETENTION, maxTopicShare: 0.12 });
    expect(options.redisUrl ?? options.publishSecret ?? options.allowedOrigins).toBeUndefined();
  });

  it("is documented as it is", async () => {
    const page = await readFile(join(import.meta.dirname, "../docs/configuration.md"), "utf8");
    expect(page, "run npm run reference -w packages/push-server").toBe(program.reference());
  });

  it.each([
    ["--prefix=push", /prefix.*is no path/],
    ["--prefix=/push/", /prefix.*is no path/],
    ["--operations-port=8070", /operationsPort.*write another one/],
    ["--cms-adapter={}", /cmsAdapter.*lacks kind/],
    ["--allowed-origins=intranet.example", /allowedOrigins.*is no origin/],
  ])("is refused where it is bad: %s", (flag, text) => {
    const start = program.start(["check-config", ...CMS, flag], {});
    expect(start).toMatchObject({ kind: "print", exitCode: 78 });
    expect(start.kind === "print" ? start.text : "").toMatch(text);
  });
});
