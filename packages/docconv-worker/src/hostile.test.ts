import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ColdOffice } from "./offices/cold-office.ts";
import { BubblewrapSandbox } from "./sandboxes/bubblewrap-sandbox.ts";
import { ProcessGroupSandbox } from "./sandboxes/process-group-sandbox.ts";
import { runProgram } from "./sandboxes/run-program.ts";
import { flatTextWith } from "./testing/office-samples.ts";
import { openSampleFiles, type SampleFiles } from "./testing/sample-files.ts";

const bubblewrap = new BubblewrapSandbox();
const unsandboxed = new ProcessGroupSandbox({ prlimit: true, setpriv: true });
const FLAT_TEXT = "application/vnd.oasis.opendocument.text-flat-xml";
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
  let files: SampleFiles;
  let server: Server;
  let hits: string[];
  let address: string;

  beforeAll(async () => {
    files = await openSampleFiles();
    hits = [];
    server = createServer((request, response) => {
      hits.push(request.url ?? "");
      response
        .writeHead(200, { "content-type": "image/svg+xml" })
        .end('<svg xmlns="http://www.w3.org/2000/svg"/>');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await files.close();
  });

  /** A text with a picture from the network. */
  const hostile = (): Buffer =>
    Buffer.from(
      flatTextWith(
        `<text:p><draw:frame svg:width="3cm" svg:height="3cm"><draw:image xlink:href="${address}/picture.svg" ` +
          'xlink:type="simple" xlink:actuate="onLoad"/></draw:frame>Words.</text:p>',
      ),
    );

  async function convert(sandbox: BubblewrapSandbox | ProcessGroupSandbox): Promise<string> {
    const document = await files.write(hostile(), FLAT_TEXT);
    const office = new ColdOffice(sandbox, SOFFICE);
    const limits = { timeoutMs: 40_000, signal: new AbortController().signal };
    const open = await office.open(document);
    const pdf = await open.exportPdf("out.pdf", undefined, limits);
    return (await promisify(execFile)("pdftotext", [pdf, "-"])).stdout;
  }

  it("reaches nothing from the sandbox; without it, it does", async () => {
    expect(existsSync(SOFFICE), "apt-get install libreoffice-writer-nogui").toBe(true);
    expect(await convert(bubblewrap)).toContain("Words.");
    expect(hits).toEqual([]);
    expect(await convert(unsandboxed)).toContain("Words.");
    expect(hits).toContain("/picture.svg");
  }, 120_000);
});
