import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ColdOffice } from "./offices/cold-office.ts";
import { BubblewrapSandbox } from "./sandboxes/bubblewrap-sandbox.ts";
import { ProcessGroupSandbox } from "./sandboxes/process-group-sandbox.ts";
import { runProgram } from "./sandboxes/run-program.ts";
import { browseUnheld, setBait, type SetBait, reachUnheld } from "./testing/bait.ts";
import { MACRO_MARK, macroDocument, REACHING } from "./testing/hostile-files.ts";
import { startTestDocconv, type TestDocconv } from "./testing/test-docconv.ts";

const bubblewrap = new BubblewrapSandbox();
const SOFFICE = "/usr/bin/soffice";
const LIMITS = { cpuSeconds: 5, memoryBytes: 300_000_000, fileBytes: 1_000_000 };

function run(script: string, timeoutMs: number = 10_000): ReturnType<typeof runProgram> {
  const command = { program: "/usr/bin/sh", args: ["-c", script], mounts: [], limits: LIMITS };
  return runProgram(bubblewrap, command, { timeoutMs, maxOutputBytes: 100_000 });
}

describe("a program in bubblewrap", () => {
  it("sees nothing of the disk, of other processes, and of the worker's environment", async () => {
    const { stdout } = await run("ls / /root /home /work /etc 2>/dev/null; ls /proc | grep -c '^[0-9]'; env");
    const text = stdout.toString();
    expect(text).not.toMatch(/passwd|shadow|\.ssh|NODE_|REDIS|SECRET/);
    expect(Number(/^\d+$/m.exec(text)?.[0])).toBeLessThan(6);
  });

  it("has no network", async () => {
    const { stdout } = await run("cat /proc/net/dev | grep -c ':' ; cat /proc/net/route | wc -l");
    expect(stdout.toString().trim().split("\n")).toEqual(["1", "1"]); // lo, and no route but the headline
  });

  it("is ended when it takes too much time, memory, disk or output, with all that it started", async () => {
    expect(await run("sleep 100 & sleep 100", 300)).toMatchObject({ killed: "timeout", exitCode: undefined });
    expect(await run("yes")).toMatchObject({ killed: "output" });
    expect(
      (await run("head -c 5000000 /dev/zero > /tmp/large; ls -l /tmp/large")).stdout.toString(),
    ).toContain(" 1000000 ");
    const hungry = `python3 -c "x = 'a' * 400000000; print('survived')"`;
    expect((await run(hungry)).stdout.toString()).not.toContain("survived");
  });
});

describe("a document that reaches out", () => {
  let bait: SetBait;
  let test: TestDocconv;

  beforeAll(async () => {
    bait = await setBait();
    test = await startTestDocconv();
  });
  afterAll(async () => {
    await test.close();
    await bait.close();
  });

  it.each(Object.keys(REACHING))("reaches neither network nor disk as %s", async (format) => {
    bait.hits.length = 0;
    await test.upload(format, { bytes: REACHING[format]?.(bait) ?? Buffer.alloc(0), name: `a.${format}` });
    await test.announced(format, "done");
    const page = await (await test.get(`/previews/${format}/pages/1/large`, "jane")).arrayBuffer();
    expect({ hits: bait.hits, seen: await bait.seenIn(Buffer.from(page)) }).toEqual({ hits: [], seen: [] });
  });

  it("reaches both where nothing holds it", async () => {
    const office = new ColdOffice(new ProcessGroupSandbox({ prlimit: true, setpriv: true }), SOFFICE);
    expect(await reachUnheld("fodt", office, bait)).toEqual({ hit: true, seen: ["network", "disk"] });
  }, 120_000);

  it.each(["svg", "eml"] as const)(
    "reaches both as %s where a browser shows it",
    async (format) => {
      expect(await browseUnheld(format, bait)).toEqual({ hit: true, seen: ["network", "disk"] });
    },
    120_000,
  );

  it("runs no macro", async () => {
    await test.upload("macro", { bytes: Buffer.from(macroDocument()), name: "macro.fodt" });
    await test.announced("macro", "done");
    const text = await (await test.get("/previews/macro/text", "jane")).text();
    expect(text).toContain("Words.");
    expect(text).not.toContain(MACRO_MARK);
  });
});
