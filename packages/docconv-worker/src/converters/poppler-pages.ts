/** poppler's programs, each run shut in: what pages a PDF has, and one page as a bitmap. */
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { Bitmap } from "../renderer/page-images.ts";
import type { Sandbox } from "../sandbox.ts";
import { type ProgramResult, runProgram, type RunOptions } from "../sandboxes/run-program.ts";
import type { Size } from "../scale.ts";
import { BitmapStream } from "./bitmap-stream.ts";

const MEMORY_BYTES = 1_000_000_000;
/** pdfinfo writes two short lines a page. */
const MAX_INFO_BYTES = 10_000_000;
const MAX_TEXT_BYTES = 10_000_000;
const HEADER_BYTES = 64;
const BYTES_PER_PIXEL = 3;
/** Above it bubblewrap says by which signal the program ended. */
const SIGNALLED = 128;

/** What pdfinfo says. */
export interface PdfInfo {
  readonly pageCount: number;
  /** In points, as shown: crop box, and turned where the page is. Only as many as were asked for. */
  readonly pages: readonly Size[];
}

/** How long a program may run. */
export interface PopplerLimits {
  readonly timeoutMs: number;
  /** CPU time. Default: as long as it may run. */
  readonly cpuSeconds?: number;
  readonly signal: AbortSignal;
}

/** @throws DocumentError `password-protected`, `damaged-file`, `no-pages`, `too-complex` */
export async function readPdfInfo(
  sandbox: Sandbox,
  document: DocumentFile,
  pageLimit: number,
  limits: PopplerLimits,
): Promise<PdfInfo> {
  const args = ["-f", "1", "-l", String(pageLimit)];
  const result = await run(sandbox, "/usr/bin/pdfinfo", args, document, MAX_INFO_BYTES, limits);
  const text = result.stdout.toString("utf8");
  const pageCount = Number(/^Pages:\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN);
  if (result.exitCode !== 0 || Number.isNaN(pageCount)) throw refusal("pdfinfo", result);
  if (pageCount < 1) throw new DocumentError("no-pages", "The PDF has no pages.");
  const sizes = [...text.matchAll(/^Page\s+(\d+) size:\s+([\d.]+) x ([\d.]+)/gm)];
  const turns = new Map(
    [...text.matchAll(/^Page\s+(\d+) rot:\s+(-?\d+)/gm)].map(([, page, rot]) => [page, rot]),
  );
  const pages = sizes.map(([, page, width, height]) => {
    const turned = Math.abs(Number(turns.get(page))) % 180 === 90;
    return turned ? sizeOf(height, width) : sizeOf(width, height);
  });
  return { pageCount, pages };
}

/** Pages from `first` to `last`. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** Pages that are being rendered by one process. */
export interface RenderedPages {
  /** In their order, each as soon as it is there. They reject with a DocumentError `damaged-file`, `too-complex`. */
  readonly bitmaps: readonly Promise<Bitmap>[];
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<void>;
}

/** Renders pages of one size. */
export function renderPdfPages(
  sandbox: Sandbox,
  document: DocumentFile,
  { first, last }: PageRange,
  size: Size,
  limits: PopplerLimits,
): RenderedPages {
  const { width, height } = size;
  const scale = ["-scale-to-x", String(width), "-scale-to-y", String(height)];
  // Not buffered: the end of a page would come with the start of the next one, however long that takes.
  const pdftoppm = ["-o0", "/usr/bin/pdftoppm"];
  const args = [...pdftoppm, "-q", "-cropbox", "-f", String(first), "-l", String(last), ...scale];
  const count = last - first + 1;
  // poppler rounds up where we round.
  const maxBytes = count * ((width + 1) * (height + 1) * BYTES_PER_PIXEL + HEADER_BYTES);
  const stream = new BitmapStream(count);
  const onOutput = (chunk: Buffer): void => stream.push(chunk);
  const ended = run(sandbox, "/usr/bin/stdbuf", args, document, maxBytes, { ...limits, onOutput }).then(
    // The exit status is 0 for pages that could not be drawn, too.
    (result) => stream.end(refusal("pdftoppm", result)),
    (error: unknown) => stream.end(error),
  );
  return { bitmaps: stream.bitmaps, ended };
}

/** Of each page, as many as are asked for. @throws DocumentError */
export async function readPdfText(
  sandbox: Sandbox,
  document: DocumentFile,
  pageLimit: number,
  limits: PopplerLimits,
): Promise<readonly string[]> {
  const args = ["-q", "-enc", "UTF-8", "-f", "1", "-l", String(pageLimit)];
  const result = await run(sandbox, "/usr/bin/pdftotext", args, document, MAX_TEXT_BYTES, limits, ["-"]);
  if (result.exitCode !== 0) throw refusal("pdftotext", result);
  // A form feed ends each page.
  return result.stdout.toString("utf8").split("\f").slice(0, -1);
}

async function run(
  sandbox: Sandbox,
  program: string,
  args: readonly string[],
  document: DocumentFile,
  maxOutputBytes: number,
  {
    timeoutMs,
    cpuSeconds = timeoutMs / 1000 + 1,
    signal,
    onOutput,
  }: PopplerLimits & Pick<RunOptions, "onOutput">,
  output: readonly string[] = [],
): Promise<ProgramResult> {
  const input = { source: document.path, target: "/in/document.pdf" };
  const limits = { cpuSeconds, memoryBytes: MEMORY_BYTES, fileBytes: 0 };
  const command = { program, args: [...args, sandbox.pathInside(input), ...output], mounts: [input], limits };
  const options = { timeoutMs, maxOutputBytes, signal, ...(onOutput && { onOutput }) };
  return runProgram(sandbox, command, options);
}

function refusal(program: string, { stderr, killed, exitCode }: ProgramResult): DocumentError {
  const said = `${program} ended with ${killed ?? exitCode ?? "a signal"}: ${stderr.slice(-500)}`;
  if (/incorrect password/i.test(stderr)) return new DocumentError("password-protected", said);
  if (killed || exitCode === undefined || exitCode > SIGNALLED || /out of memory|bad_alloc/i.test(stderr)) {
    return new DocumentError("too-complex", said);
  }
  return new DocumentError("damaged-file", said);
}

/** A page without area would divide by zero. */
function sizeOf(width: string | undefined, height: string | undefined): Size {
  return { width: Math.max(1, Number(width)), height: Math.max(1, Number(height)) };
}
