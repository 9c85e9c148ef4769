import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConversionEvent } from "../converter.ts";
import { WarmOffice } from "../offices/warm-office.ts";
import { ProcessPool } from "../process-pool.ts";
import { RendererProcess } from "../renderer/renderer-process.ts";
import { BubblewrapSandbox } from "../sandboxes/bubblewrap-sandbox.ts";
import { officeSamples } from "../testing/office-samples.ts";
import { descendants } from "../testing/process-tree.ts";
import { openSampleFiles, type SampleFiles } from "../testing/sample-files.ts";
import { OfficeConverter } from "./office-converter.ts";
import { PopplerConverter } from "./poppler-converter.ts";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const PAGES = 6;

/** Kills every LibreOffice that this process started, and nothing else. */
async function killOffices(): Promise<number> {
  const offices = (await descendants()).filter(({ name }) => name === "soffice.bin");
  for (const { pid } of offices) process.kill(pid, "SIGKILL");
  return offices.length;
}

describe("an Office file whose LibreOffice dies", () => {
  const sandbox = new BubblewrapSandbox();
  let files: SampleFiles;
  let directory: string;
  let renderers: ProcessPool<RendererProcess>;
  let office: WarmOffice;
  let converter: OfficeConverter;
  let docx: Buffer;

  beforeAll(async () => {
    files = await openSampleFiles();
    directory = await mkdtemp(join(tmpdir(), "docconv-office-"));
    renderers = new ProcessPool({
      start: () => new RendererProcess(sandbox, tmpdir()),
      size: 1,
      usesEach: 20,
    });
    const soffice = "/usr/bin/soffice";
    office = new WarmOffice({ sandbox, soffice, workDirectory: directory, size: 1, documentsEach: 20 });
    converter = new OfficeConverter(office, new PopplerConverter(sandbox, renderers));
    docx = (await officeSamples(["docx"], PAGES)).get("docx") ?? Buffer.alloc(0);
  });
  afterAll(async () => {
    await office.close();
    await renderers.close();
    await files.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });

  /** The pages that come. @param killAt says after which events LibreOffice is killed */
  async function convert(killAt: (event: ConversionEvent) => boolean): Promise<number[]> {
    const pages: number[] = [];
    const document = await files.write(docx, DOCX);
    const options = {
      scales: { small: 180 },
      format: "webp",
      pageLimit: 20,
      timeoutMs: 60_000,
      ocrLanguages: [],
      has: () => false,
      signal: new AbortController().signal,
    } as const;
    for await (const event of converter.convert(document, options) as AsyncIterable<ConversionEvent>) {
      if (event.type === "page") pages.push(event.page);
      if (killAt(event)) expect(await killOffices()).toBe(1);
    }
    return pages;
  }

  const all = Array.from({ length: PAGES }, (_, index) => index + 1);

  it("before it is opened is converted by the next one", async () => {
    expect(await convert(() => false)).toEqual(all);
    expect(await killOffices()).toBe(1);
    expect(await convert(() => false)).toEqual(all);
  });

  it("while it is converted is converted to its end by the next one, no page twice", async () => {
    let kills = 0;
    const once = (event: ConversionEvent): boolean => event.type === "page" && kills++ === 0;
    expect(await convert(once)).toEqual(all);
  });

  it("each time it is opened is too complex, and the next one is converted", async () => {
    // It comes when the document is open, before anything is made of it.
    await expect(convert(({ type }) => type === "pageCount")).rejects.toMatchObject({ code: "too-complex" });
    expect(await convert(() => false)).toEqual(all);
  });
});
