import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { DocumentFile } from "../document-file.ts";
import { BubblewrapSandbox } from "../sandboxes/bubblewrap-sandbox.ts";
import { ProcessGroupSandbox } from "../sandboxes/process-group-sandbox.ts";
import type { Sandbox } from "../sandbox.ts";
import { flatTextWith } from "../testing/office-samples.ts";
import { openSampleFiles, type SampleFiles } from "../testing/sample-files.ts";
import { ColdOffice } from "./cold-office.ts";
import type { Office, OfficeLimits } from "./office.ts";
import { WarmOffice } from "./warm-office.ts";

const FLAT_TEXT = "application/vnd.oasis.opendocument.text-flat-xml";
const SOFFICE = "/usr/bin/soffice";
const limits: OfficeLimits = { timeoutMs: 60_000, signal: new AbortController().signal };

const bubblewrap = new BubblewrapSandbox();
const processGroup = new ProcessGroupSandbox({ prlimit: true, setpriv: true });

function warm(sandbox: Sandbox, workDirectory: string): Office {
  return new WarmOffice({ sandbox, soffice: SOFFICE, workDirectory, size: 2, documentsEach: 3 });
}

function cold(sandbox: Sandbox): Office {
  return new ColdOffice(sandbox, SOFFICE);
}

describe.each<[string, Sandbox, (sandbox: Sandbox, workDirectory: string) => Office]>([
  ["kept warm, in bubblewrap", bubblewrap, warm],
  ["kept warm, in a process group", processGroup, warm],
  ["started for each document", bubblewrap, cold],
])("LibreOffice %s", (_name, sandbox, make) => {
  let files: SampleFiles;
  let workDirectory: string;
  let office: Office;

  beforeAll(async () => {
    files = await openSampleFiles();
    workDirectory = await mkdtemp(join(tmpdir(), "docconv-office-"));
    office = make(sandbox, workDirectory);
  });
  afterAll(async () => {
    await office.close();
    await files.close();
    await rm(workDirectory, { recursive: true, force: true });
  });

  const sample = (text: string): Promise<DocumentFile> =>
    files.write(Buffer.from(flatTextWith(`<text:p>${text}</text:p>`)), FLAT_TEXT);

  async function toPdf(document: DocumentFile): Promise<string> {
    const open = await office.open(document, limits);
    try {
      const path = await open.exportPdf("out.pdf", "1", limits);
      return (await readFile(path)).subarray(0, 5).toString();
    } finally {
      await open.close();
    }
  }

  it("converts several at once, more than there are processes", async () => {
    const documents = await Promise.all(["a", "b", "c", "d"].map(sample));
    expect(await Promise.all(documents.map(toPdf))).toEqual(["%PDF-", "%PDF-", "%PDF-", "%PDF-"]);
  }, 120_000);

  it("refuses what it cannot read, and converts the next one", async () => {
    const broken = await files.write(Buffer.from("no document at all"), FLAT_TEXT);
    await expect(toPdf(broken)).rejects.toMatchObject({ code: "damaged-file" });
    expect(await toPdf(await sample("next"))).toBe("%PDF-");
  }, 120_000);

  it("is ended when it takes too long or is no longer wanted, and converts the next one", async () => {
    const late = async (limited: OfficeLimits): Promise<unknown> => {
      const open = await office.open(await sample("late"), limits);
      try {
        return await open.exportPdf("out.pdf", "1", limited);
      } finally {
        await open.close();
      }
    };
    await expect(late({ ...limits, timeoutMs: 1 })).rejects.toMatchObject({ code: "too-complex" });
    const aborted = AbortSignal.abort(new Error("nobody waits"));
    await expect(late({ ...limits, signal: aborted })).rejects.toThrow("nobody waits");
    expect(await toPdf(await sample("next"))).toBe("%PDF-");
  }, 120_000);

  it("leaves no file when it is closed", async () => {
    await office.close();
    await vi.waitFor(async () => expect(await readdir(workDirectory)).toEqual([]), { timeout: 10_000 });
  });
});

describe("LibreOffice kept warm", () => {
  it.each([
    ["is replaced when it has taken too much memory", 1, 2],
    ["stays otherwise", undefined, 1],
  ])(
    "%s",
    async (_what, maxResidentBytes, processes) => {
      const files = await openSampleFiles();
      const workDirectory = await mkdtemp(join(tmpdir(), "docconv-office-"));
      const memory = maxResidentBytes === undefined ? {} : { maxResidentBytes };
      const options = { sandbox: bubblewrap, soffice: SOFFICE, workDirectory, size: 1, documentsEach: 9 };
      const office = new WarmOffice({ ...options, ...memory });
      try {
        const names = new Set<string>();
        for (let time = 0; time < 2; time += 1) {
          const open = await office.open(
            await files.write(Buffer.from(flatTextWith("<text:p>Words.</text:p>")), FLAT_TEXT),
            limits,
          );
          for (const name of await readdir(workDirectory)) names.add(name);
          await open.close();
        }
        expect(names.size).toBe(processes);
      } finally {
        await office.close();
        await files.close();
        await rm(workDirectory, { recursive: true, force: true, maxRetries: 3 });
      }
    },
    120_000,
  );
});
