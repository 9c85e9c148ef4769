/** poppler's programs, each run shut in: what pages a PDF has, and one page as a bitmap. */
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import type { Bitmap } from "../renderer/page-images.ts";
import type { Sandbox } from "../sandbox.ts";
import { type ProgramResult, runProgram } from "../sandboxes/run-program.ts";
import type { Size } from "../scale.ts";

const MEMORY_BYTES = 1_000_000_000;
/** pdfinfo writes two short lines a page. */
const MAX_INFO_BYTES = 10_000_000;
const MAX_TEXT_BYTES = 10_000_000;
const HEADER_BYTES = 64;
const BYTES_PER_PIXEL = 3;

/** What pdfinfo says. */
export interface PdfInfo {
  readonly pageCount: number;
  /** In points, as shown: crop box, and turned where the page is. Only as many as were asked for. */
  readonly pages: readonly Size[];
}

/** How long a program may run. */
export interface PopplerLimits {
  readonly timeoutMs: number;
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

/** @throws DocumentError `damaged-file`, `too-complex` */
export async function renderPdfPage(
  sandbox: Sandbox,
  document: DocumentFile,
  page: number,
  size: Size,
  limits: PopplerLimits,
): Promise<Bitmap> {
  const { width, height } = size;
  const scale = ["-scale-to-x", String(width), "-scale-to-y", String(height)];
  const args = ["-q", "-cropbox", "-f", String(page), "-l", String(page), ...scale];
  // poppler rounds up where we round.
  const maxBytes = (width + 1) * (height + 1) * BYTES_PER_PIXEL + HEADER_BYTES;
  const result = await run(sandbox, "/usr/bin/pdftoppm", args, document, maxBytes, limits);
  const head = /^P6\n(\d{1,5}) (\d{1,5})\n255\n/.exec(
    result.stdout.subarray(0, HEADER_BYTES).toString("latin1"),
  );
  const [drawn, data] = [sizeOf(head?.[1], head?.[2]), result.stdout.subarray(head?.[0].length)];
  // The exit status is 0 for pages that could not be drawn, too.
  if (!head || data.length !== drawn.width * drawn.height * BYTES_PER_PIXEL)
    throw refusal("pdftoppm", result);
  return { data, ...drawn, channels: BYTES_PER_PIXEL };
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
  { timeoutMs, signal }: PopplerLimits,
  output: readonly string[] = [],
): Promise<ProgramResult> {
  const input = { source: document.path, target: "/in/document.pdf" };
  const limits = { cpuSeconds: timeoutMs / 1000 + 1, memoryBytes: MEMORY_BYTES, fileBytes: 0 };
  const command = { program, args: [...args, sandbox.pathInside(input), ...output], mounts: [input], limits };
  return runProgram(sandbox, command, { timeoutMs, maxOutputBytes, signal });
}

function refusal(program: string, { stderr, killed, exitCode }: ProgramResult): DocumentError {
  const said = `${program} ended with ${killed ?? exitCode ?? "a signal"}: ${stderr.slice(-500)}`;
  if (/incorrect password/i.test(stderr)) return new DocumentError("password-protected", said);
  if (killed || exitCode === undefined || /out of memory|bad_alloc/i.test(stderr)) {
    return new DocumentError("too-complex", said);
  }
  return new DocumentError("damaged-file", said);
}

/** A page without area would divide by zero. */
function sizeOf(width: string | undefined, height: string | undefined): Size {
  return { width: Math.max(1, Number(width)), height: Math.max(1, Number(height)) };
}
