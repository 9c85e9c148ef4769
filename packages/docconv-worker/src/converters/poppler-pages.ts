/** poppler's programs, each run shut in: what pages a PDF has, its pages as bitmaps, and their text. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { Mount, Sandbox } from "../sandbox.ts";
import { type ProgramResult, runProgram, type RunOptions } from "../sandboxes/run-program.ts";
import type { Size } from "../scale.ts";

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
  const command = { program: "/usr/bin/pdfinfo", args };
  const result = await run(sandbox, command, document, { ...limits, maxOutputBytes: MAX_INFO_BYTES });
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
  /**
   * The files of their bitmaps, in their order, each as soon as it is there. They reject with a DocumentError
   * `damaged-file`, `too-complex`.
   */
  readonly bitmaps: readonly Promise<string>[];
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<void>;
}

/** Renders pages of one size. @param folder where their bitmaps go, one file (PPM) a page */
export function renderPdfPages(
  sandbox: Sandbox,
  document: DocumentFile,
  { first, last }: PageRange,
  size: Size,
  folder: string,
  limits: PopplerLimits,
): RenderedPages {
  const { width, height } = size;
  const scale = ["-scale-to-x", String(width), "-scale-to-y", String(height)];
  // Each page is told of when it is written, and no name comes twice: a page may be rendered again.
  const pages = ["-q", "-progress", "-cropbox", "-f", String(first), "-l", String(last)];
  const out = { source: folder, target: "/out", writable: true };
  const prefix = `${sandbox.pathInside(out)}/${randomUUID()}`;
  const settle = Array.from({ length: last - first + 1 }, () => Promise.withResolvers<string>());
  const onErrorLine = (line: string): void => {
    const [, page, name] = /^(\d+) \d+ .*\/([\w-]+\.ppm)$/.exec(line) ?? [];
    if (name !== undefined) settle[Number(page) - first]?.resolve(join(folder, name));
  };
  // poppler rounds up where we round.
  const fileBytes = (width + 1) * (height + 1) * BYTES_PER_PIXEL + HEADER_BYTES;
  const command = {
    program: "/usr/bin/pdftoppm",
    args: [...pages, ...scale],
    after: [prefix],
    mounts: [out],
    fileBytes,
  };
  const rejectRest = (error: unknown): void => {
    for (const { reject } of settle) reject(error); // those that are resolved stay so
  };
  const ended = run(sandbox, command, document, { ...limits, maxOutputBytes: 0, onErrorLine }).then(
    // The exit status is 0 for pages that could not be drawn, too.
    (result) => rejectRest(refusal("pdftoppm", result)),
    rejectRest,
  );
  const bitmaps = settle.map(({ promise }) => promise);
  for (const bitmap of bitmaps) bitmap.catch(() => undefined); // seen when its turn comes
  return { bitmaps, ended };
}

/** Of each page, as many as are asked for. @throws DocumentError */
export async function readPdfText(
  sandbox: Sandbox,
  document: DocumentFile,
  pageLimit: number,
  limits: PopplerLimits,
): Promise<readonly string[]> {
  const args = ["-q", "-enc", "UTF-8", "-f", "1", "-l", String(pageLimit)];
  const command = { program: "/usr/bin/pdftotext", args, after: ["-"] };
  const result = await run(sandbox, command, document, { ...limits, maxOutputBytes: MAX_TEXT_BYTES });
  if (result.exitCode !== 0) throw refusal("pdftotext", result);
  // A form feed ends each page.
  return result.stdout.toString("utf8").split("\f").slice(0, -1);
}

interface PopplerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Arguments after the document. */
  readonly after?: readonly string[];
  /** Beside the document. */
  readonly mounts?: readonly Mount[];
  /** The largest file that it writes. Default: it writes none. */
  readonly fileBytes?: number;
}

async function run(
  sandbox: Sandbox,
  { program, args, after = [], mounts = [], fileBytes = 0 }: PopplerCommand,
  document: DocumentFile,
  options: PopplerLimits & Pick<RunOptions, "maxOutputBytes" | "onErrorLine">,
): Promise<ProgramResult> {
  const { cpuSeconds = options.timeoutMs / 1000 + 1 } = options;
  const input = { source: document.path, target: "/in/document.pdf" };
  const command = {
    program,
    args: [...args, sandbox.pathInside(input), ...after],
    mounts: [input, ...mounts],
    limits: { cpuSeconds, memoryBytes: MEMORY_BYTES, fileBytes },
  };
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
