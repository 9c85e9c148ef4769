/** Office files: LibreOffice makes a PDF of them, whose pages the PDF converter renders. */
import { link, mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocconvError } from "../docconv-error.ts";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { Sandbox } from "../sandbox.ts";
import { runProgram } from "../sandboxes/run-program.ts";
import { extensionOf } from "../media-type.ts";

const OFFICE_TYPES =
  /^(?:application\/(?:vnd\.(?:openxmlformats-officedocument|oasis\.opendocument|ms-(?:excel|powerpoint))|msword|rtf)|text\/)/;

const LIMITS = { memoryBytes: 2_000_000_000, fileBytes: 500_000_000 };

/** Options of {@link OfficeConverter}. */
export interface OfficeConverterOptions {
  readonly sandbox: Sandbox;
  /** What renders the PDF. */
  readonly pdf: Converter;
  /** Path of soffice; undefined where LibreOffice is not installed. */
  readonly soffice: string | undefined;
}

/** A LibreOffice process for each document. */
export class OfficeConverter implements Converter {
  readonly name = "libreoffice";
  readonly #options: OfficeConverterOptions;

  constructor(options: OfficeConverterOptions) {
    this.#options = options;
  }

  accepts(mediaType: string): boolean {
    return OFFICE_TYPES.test(mediaType);
  }

  async *convert(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    const deadline = new Deadline(options.timeoutMs);
    const path = await this.#toPdf(document, options);
    const { size } = await stat(path);
    yield { type: "pdf", path };
    const pdf: DocumentFile = { ...document, path, size, mediaType: "application/pdf" };
    yield* this.#options.pdf.convert(pdf, { ...options, timeoutMs: deadline.remainingMs() });
  }

  async #toPdf(document: DocumentFile, { timeoutMs, signal }: ConvertOptions): Promise<string> {
    const { sandbox, soffice } = this.#options;
    if (!soffice) {
      throw new DocconvError(
        "office-missing",
        "LibreOffice is not installed on the worker: apt-get install libreoffice-writer-nogui " +
          "libreoffice-calc-nogui libreoffice-impress-nogui.",
      );
    }
    // LibreOffice goes by the name where the content does not say.
    const name = `document${extensionOf(document.mediaType)}`;
    const input = { source: join(document.workDirectory, name), target: `/in/${name}` };
    await link(document.path, input.source);
    const output = { source: join(document.workDirectory, "office"), target: "/out", writable: true };
    await mkdir(output.source, { recursive: true });
    const out = sandbox.pathInside(output);
    const command = {
      program: soffice,
      args: [
        "--headless",
        "--invisible",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        `-env:UserInstallation=file://${out}/profile`,
        "--convert-to",
        "pdf",
        "--outdir",
        out,
        sandbox.pathInside(input),
      ],
      mounts: [input, output],
      limits: { ...LIMITS, cpuSeconds: timeoutMs / 1000 },
      environment: { HOME: out, TMPDIR: sandbox.isolates ? "/tmp" : out },
    };
    const result = await runProgram(sandbox, command, { timeoutMs, maxOutputBytes: 1_000_000, signal });
    await rm(join(output.source, "profile"), { recursive: true, force: true });
    if (result.killed) throw new DocumentError("too-complex", `LibreOffice was killed: ${result.killed}.`);
    const pdf = join(output.source, "document.pdf");
    // The exit status says nothing: 0, and no file, for a document that LibreOffice could not read.
    if (await exists(pdf)) return pdf;
    throw new DocumentError("damaged-file", `LibreOffice made no PDF: ${result.stderr}`);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
