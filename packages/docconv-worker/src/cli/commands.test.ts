import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { program } from "../config.ts";
import { DocconvError } from "../docconv-error.ts";
import { silentLogger } from "../logger.ts";
import { BullmqQueue } from "../queues/bullmq-queue.ts";
import { samplePdf } from "../testing/sample-pdf.ts";
import { startTestCms } from "../testing/test-cms.ts";
import { NO_OFFICE } from "../testing/test-docconv.ts";
import { COMMANDS } from "./commands.ts";
import { runProgram, startProgram } from "../testing/test-program.ts";
import { PUSH_SECRET, startTestPush } from "../testing/test-push.ts";
import { startRedis } from "../testing/test-redis.ts";
import { startS3 } from "../testing/test-s3.ts";

/** Programs start slowly on a busy machine. */
const PATIENT = { timeout: 60_000 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "docconv-command-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command in this process: the program itself takes a second to start. */
async function runHere(
  name: "convert" | "queue" | "check",
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const written = { stdout: "", stderr: "" };
  const streams = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
    signal: new AbortController().signal,
  };
  const started = COMMANDS[name](argv, env);
  if (typeof started !== "function") return { status: started.exitCode, stdout: "", stderr: started.text };
  return { status: await started(streams), ...written };
}

async function file(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe("docconv-worker convert", PATIENT, () => {
  it("makes files of a file, says how far it is, and prints what it has made", async () => {
    const out = join(folder, "new", "out");
    const flags = ["--out", out, "--pages", "2", "--scales", "s=100,m=300", "--format=jpeg"];
    const run = await runProgram(["convert", await file("plan.pdf", samplePdf(3)), ...flags]);
    expect(run.stderr).toMatch(/^plan\.pdf: 1 of 2 pages after \d\.\d\d s\nplan\.pdf: 2 of 2 pages after /);
    expect(run.stderr).toMatch(/2 of 3 pages in .* s, the first after .* s; \d+ files, .* MB in .*out\n$/);
    expect(run.status).toBe(0);
    const printed = run.stdout.trimEnd().split("\n");
    const images = [1, 2].flatMap((page) =>
      ["s", "m"].map((scale) => join(out, `page-${page}-${scale}.jpeg`)),
    );
    expect(printed).toEqual(expect.arrayContaining(images));
    expect((await readdir(out)).toSorted()).toEqual(
      printed.map((path) => path.slice(out.length + 1)).toSorted(),
    );
    expect(await sharp(join(out, "page-2-m.jpeg")).metadata()).toMatchObject({
      format: "jpeg",
      width: 300,
    });
    expect(await readFile(join(out, "document.txt"), "utf8")).toContain("Line 1 of page 2");
  });

  it.each<[string, Uint8Array | string, RegExp, number]>([
    ["empty.pdf", "", /^empty\.pdf: This file is empty\..*\(empty-file: /, 65],
    ["damaged.pdf", "%PDF-1.4\nnonsense", /^damaged\.pdf: This file is damaged.*\(damaged-file: /, 65],
    ["letter.rtf", "{\\rtf1 Hello}", /LibreOffice is not installed on the worker: apt-get install/, 69],
  ])("says what is wrong with %s", async (name, content, text, status) => {
    const out = join(folder, "out");
    const run = await runProgram([
      "convert",
      await file(name, content),
      "--out",
      out,
      "--soffice",
      NO_OFFICE,
    ]);
    expect(run.stderr.split("\n").at(-2)).toMatch(text);
    expect([run.stdout, run.status]).toEqual(["", status]);
  });

  it("says what is wrong with its words", async () => {
    expect(await runHere("convert", [join(folder, "none.pdf"), "--out", folder])).toMatchObject({
      status: 66,
      stderr: expect.stringMatching(/^none\.pdf: ENOENT: /) as string,
    });
    expect(await runHere("convert", ["--out", folder])).toMatchObject({ status: 64 });
    expect(await runHere("convert", ["a.pdf"])).toMatchObject({
      status: 78,
      stderr: expect.stringContaining("out: It is missing") as string,
    });
  });

  it("leaves nothing behind when it is ended", async () => {
    const curves = "0 0 m 500 800 l 10 700 490 30 20 10 c S ".repeat(100_000);
    const slow = await file("slow.pdf", samplePdf(1, "Slow", { drawing: () => curves }));
    const temporary = join(folder, "tmp");
    await mkdir(temporary);
    const command = startProgram(["convert", slow, "--out", join(folder, "out")], { TMPDIR: temporary });
    await expect.poll(() => readdir(temporary), { timeout: 30_000 }).toHaveLength(1);
    command.process.kill("SIGTERM");
    expect(await command.ended).toBe(143);
    expect(await readdir(temporary)).toEqual([]);
  });
});

describe("docconv-worker queue", PATIENT, () => {
  it("counts, lists, shows, tries again and cancels", async () => {
    const server = await startRedis();
    const jobs = new BullmqQueue({
      redis: server.connect(),
      name: "jobs",
      prefix: "docconv:",
      logger: silentLogger,
    });
    const env = { REDIS_URL: server.url };
    const queue = (...words: string[]): Promise<Ended> => runHere("queue", words, env);
    try {
      const payload = { kind: "docconv" };
      const how = {
        kind: "docconv",
        payload,
        delayMs: 0,
        priority: 0,
        attempts: 1,
        backoffMs: 1,
        backoffDoubles: false,
      };
      const consumer = jobs.consume(
        {
          run: () => Promise.reject(new DocconvError("not-visible", "The CMS does not show it.")),
          ended: () => Promise.resolve(),
        },
        1,
      );
      await jobs.enqueue({ ...how, id: "dead", key: "docconv:plan" });
      await expect.poll(async () => (await jobs.status("dead"))?.state, { timeout: 10_000 }).toBe("failed");
      await consumer.close();
      await jobs.enqueue({ ...how, id: "later", key: "docconv:other", delayMs: 3_600_000 });

      expect((await runProgram(["queue"], env)).stdout).toMatch(
        /^delayed +1\nwaiting +0\nactive +0\ncompleted +0\nfailed +1\n$/,
      );
      const failed = await queue("failed");
      expect(failed.stdout).toBe(
        "dead  docconv  docconv:plan  failed after 1 run\n    not-visible: The CMS does not show it.\n",
      );
      expect(JSON.parse((await queue("show", "later")).stdout)).toMatchObject({
        id: "later",
        state: "delayed",
      });
      expect(await queue("retry", "later")).toMatchObject({ status: 1 });
      expect(await queue("cancel", "later")).toMatchObject({
        status: 0,
        stdout: "docconv:other is cancelled.\n",
      });
      expect(await queue("retry", "all")).toMatchObject({
        status: 0,
        stdout: "1 of 1 failed jobs are tried again.\n",
      });
      // The cancelled one waits for a worker, to be ended.
      expect(await jobs.counts()).toMatchObject({ waiting: 2, failed: 0 });
      expect((await queue("cancelled")).stdout).toMatch(/^later .* cancelled after 0 runs$/m);
      expect(await queue("show", "nobody")).toMatchObject({ status: 1 });
      expect(await queue("shwo")).toMatchObject({ status: 64 });
      expect(await queue("failed", "1")).toMatchObject({ status: 64 });
    } finally {
      await jobs.close();
      await server.close();
    }
    expect(await queue()).toMatchObject({
      status: 69,
      stderr: expect.stringMatching(/^Redis does not answer/) as string,
    });
    expect(await runHere("queue", [])).toMatchObject({
      status: 78,
      stderr: expect.stringContaining("redisUrl: It is missing: without Redis") as string,
    });
  });
});

describe("docconv-worker check", PATIENT, () => {
  it("uses what is there, and says what to do about what is not", async () => {
    const [server, cms, push] = [await startRedis(), await startTestCms(), await startTestPush()];
    const s3 = await startS3();
    const env = {
      REDIS_URL: server.url,
      DOCCONV_CMS_URL: cms.url,
      DOCCONV_CMS_ADAPTER: JSON.stringify({ kind: "generic", url: "{site}/me", userId: "/id" }),
      DOCCONV_PUSH_URL: push.url,
      DOCCONV_PUSH_SECRET: PUSH_SECRET,
      DOCCONV_DATA_DIR: join(folder, "data"),
      DOCCONV_S3_URL: s3.options.url,
      DOCCONV_S3_ACCESS_KEY_ID: s3.options.accessKeyId,
      DOCCONV_S3_SECRET_ACCESS_KEY_FILE: await file("s3-key", "a secret of the bucket\n"),
    };
    const flags = ["--soffice", NO_OFFICE];
    try {
      const good = await runProgram(["check", ...flags], env);
      expect(good.stdout).toMatch(/^OK {4}Sandbox .*neither disk nor network/m);
      expect(good.stdout).toMatch(/^OK {4}PDF .*poppler \d+.*a page from a cold start/m);
      expect(good.stdout).toMatch(/^OK {4}Images .*a page/m);
      expect(good.stdout).toMatch(/^WARN {2}Office files .*apt-get install libreoffice/m);
      expect(good.stdout).toMatch(/^(OK|WARN) +Fonts /m);
      expect(good.stdout).toMatch(/^OK {4}Data folder .*GB free/m);
      expect(good.stdout).toMatch(/^OK {4}Redis .*keeps what it has acknowledged/m);
      expect(good.stdout).toMatch(/^OK {4}CMS /m);
      expect(good.stdout).toMatch(/^OK {4}Push server +It takes messages/m);
      expect(good.status).toBe(0);
      expect(good.stdout).toMatch(/^OK {4}Object store +It takes/m);
      expect(await readdir(folder)).toEqual(["s3-key"]);

      await s3.close();
      await server.connect().config("SET", "appendonly", "no");
      const notAFolder = await file("file", "");
      const bad = await runHere("check", flags, {
        ...env,
        DOCCONV_CMS_URL: "http://127.0.0.1:1",
        DOCCONV_PUSH_SECRET: "another secret than that",
        DOCCONV_DATA_DIR: join(notAFolder, "data"),
      });
      expect(bad.stdout).toMatch(/^WARN {2}Redis .*appendonly yes/m);
      expect(bad.stdout).toMatch(/^FAIL {2}Data folder .*ENOTDIR.*set dataDir elsewhere/m);
      expect(bad.stdout).toMatch(/^FAIL {2}Object store .*does not answer \(ECONNREFUSED\).*s3Url/m);
      expect(bad.stdout).toMatch(/^FAIL {2}CMS /m);
      expect(bad.stdout).toMatch(/^FAIL {2}Push server +It refuses pushSecret/m);
      expect(bad.status).toBe(1);
    } finally {
      await push.close();
      await cms.close();
      await server.close();
    }
  });
});

describe("docs/configuration.md", () => {
  it("is what `docconv-worker config-reference` prints", async () => {
    const page = await readFile(new URL("../../docs/configuration.md", import.meta.url), "utf8");
    expect(page).toBe(program.reference());
  });
});
