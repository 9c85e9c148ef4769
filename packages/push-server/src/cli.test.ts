import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { TestProgram } from "./testing/test-program.ts";

const SECRET = "a-publish-secret-of-the-tests";
const CMS = ["--cms-url=http://127.0.0.1:8080/Plone"];

describe("the command push-server", () => {
  it("helps, says its version, and what is wrong with its configuration", async () => {
    const [help, version, bad] = await Promise.all([
      TestProgram.run(["--help"]),
      TestProgram.run(["--version"]),
      TestProgram.run(["check-config", "--port=many"]),
    ]);
    expect(help.exitCode).toBe(0);
    expect(help.output).toContain("Usage: push-server");
    expect(version).toEqual({ exitCode: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
    expect(bad.exitCode).toBe(78);
    expect(bad.output).toContain("cmsUrl: It is missing");
    expect(bad.output).toMatch(/port .*"many" is no whole number/);
  });

  it("prints its configuration without the secrets that it read from files", async () => {
    const folder = await mkdtemp(join(tmpdir(), "push-cli-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "secret"), `${SECRET}\n`);
    await writeFile(join(folder, "redis"), "redis://:redis-password@127.0.0.1:6379\n");
    await writeFile(join(folder, "config.json"), JSON.stringify({ maxStallMs: "4s", prefix: "/live" }));
    const { exitCode, output } = await TestProgram.run(["print-config", ...CMS, "--prefix=/news"], {
      PUSH_PUBLISH_SECRET_FILE: join(folder, "secret"),
      REDIS_URL_FILE: join(folder, "redis"),
      PUSH_CONFIG: join(folder, "config.json"),
    });
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^publishSecret = "\[secret\]" +# PUSH_PUBLISH_SECRET_FILE$/m);
    expect(output).toMatch(/^maxStallMs = 4000 /m);
    expect(output).toMatch(/^prefix = "\/news" +# --prefix$/m);
    expect(output).not.toContain(SECRET);
    expect(output).not.toContain("redis-password");
  });

  it("says when another program has its port", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { exitCode, output } = await TestProgram.run([...CMS, `--port=${port}`]);
    expect(exitCode).toBe(69);
    expect(output).toMatch(/EADDRINUSE\): another program has this port/);
  });
});
