/** LibreOffice without python3-uno: a process for each document, and the whole document at once. */
import { copyFile, lstat, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import { extensionOf } from "../media-type.ts";
import type { Sandbox } from "../sandbox.ts";
import { runProgram } from "../sandboxes/run-program.ts";
import { loadFilter } from "./load-filter.ts";
import type { Office, OfficeLimits, OpenOfficeDocument } from "./office.ts";

const LIMITS = { memoryBytes: 2_000_000_000, fileBytes: 500_000_000 };
const MAX_OUTPUT_BYTES = 1_000_000;

/** Starts LibreOffice for each document: 1.3 s more, and page 1 not before the last. */
export class ColdOffice implements Office {
  readonly #sandbox: Sandbox;
  readonly #soffice: string;

  constructor(sandbox: Sandbox, soffice: string) {
    this.#sandbox = sandbox;
    this.#soffice = soffice;
  }

  async open(document: DocumentFile): Promise<OpenOfficeDocument> {
    return {
      pageCount: undefined,
      exportPdf: (name, _pages, limits) => this.#convert(document, name, limits),
      close: async () => undefined,
    };
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  async #convert(document: DocumentFile, name: string, { timeoutMs, signal }: OfficeLimits): Promise<string> {
    const filter = await loadFilter(document.path, document.mediaType);
    if (!filter) throw new DocumentError("unsupported-format", `No filter for ${document.mediaType}.`);
    const job = { source: join(document.workDirectory, "office"), target: "/job", writable: true };
    await mkdir(job.source, { recursive: true });
    const input = `document${extensionOf(document.mediaType)}`;
    await copyFile(document.path, join(job.source, input));
    const inside = this.#sandbox.pathInside(job);
    const home = this.#sandbox.isolates ? "/tmp" : inside;
    const command = {
      program: this.#soffice,
      args: [
        "--headless",
        "--norestore",
        "--nolockcheck",
        `-env:UserInstallation=file://${home}/profile`,
        `--infilter=${filter.name}${filter.options ? `:${filter.options}` : ""}`,
        "--convert-to",
        "pdf",
        "--outdir",
        inside,
        `${inside}/${input}`,
      ],
      mounts: [job],
      limits: { ...LIMITS, cpuSeconds: timeoutMs / 1000 },
      environment: { HOME: home, TMPDIR: home },
    };
    const result = await runProgram(this.#sandbox, command, {
      timeoutMs,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      signal,
    });
    if (result.killed) throw new DocumentError("too-complex", `LibreOffice was killed: ${result.killed}.`);
    const path = join(document.workDirectory, name);
    await rename(join(job.source, "document.pdf"), path).catch(() => undefined);
    await rm(job.source, { recursive: true, force: true });
    // The exit status says nothing: 0, and no file, for a document that LibreOffice could not read.
    const isFile = await lstat(path).then(
      (file) => file.isFile(),
      () => false,
    );
    if (isFile) return path;
    throw new DocumentError("damaged-file", `LibreOffice made no PDF: ${result.stderr.slice(-500)}`);
  }
}
