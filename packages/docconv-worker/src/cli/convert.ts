/** `docconv-worker convert FILE --out DIR`: works alone, without CMS and Redis. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type CommandConfig, type ConfigOf, defineCommand } from "program-config";
import { CONVERTER_KEYS, ENV_PREFIX, KEYS } from "../config-keys.ts";
import { parseScales, scalesProblem } from "../config.ts";
import { DocconvError } from "../docconv-error.ts";
import { DOCUMENT_PROBLEMS, DocumentError } from "../document-error.ts";
import { convertLocally } from "../local-conversion.ts";
import { silentLogger } from "../logger.ts";
import type { CommandStreams } from "./command-streams.ts";
import { EXIT } from "./exit-code.ts";
import { Progress } from "./progress.ts";

const OUTPUT_KEYS = {
  out: {
    type: "string",
    required: true,
    section: "Output",
    description: "The folder that files are written to; it is made where it is missing.",
  },
  pages: {
    type: "integer",
    default: 20,
    min: 1,
    section: "Output",
    description: "The most pages that are rendered.",
  },
} as const;

type ConvertKeys = typeof OUTPUT_KEYS & typeof CONVERTER_KEYS;

export const convertCommand: CommandConfig<ConvertKeys> = defineCommand({
  program: "docconv-worker convert",
  summary: "Converts a file to page images here and now, without CMS and Redis, and prints what it has made.",
  envPrefix: ENV_PREFIX,
  operands: "FILE",
  keys: { ...OUTPUT_KEYS, ...CONVERTER_KEYS },
  otherKeys: KEYS,
  check: ({ scales }) => scalesProblem(scales),
});

/** Paths go to standard output, everything else to standard error. @returns the exit status */
export async function convert(
  config: ConfigOf<ConvertKeys>,
  operands: readonly string[],
  { stdout, stderr, signal }: CommandStreams,
): Promise<number> {
  const [file, surplus] = operands;
  if (file === undefined || surplus !== undefined) {
    stderr.write("Write one file: docconv-worker convert FILE --out DIR.\n");
    return EXIT.usage;
  }
  const name = basename(file);
  const progress = new Progress(stderr, name);
  const logger = {
    ...silentLogger,
    warn: (_: object, sentence: string) => void stderr.write(`${sentence}\n`),
  };
  const { out, format, pages: pageLimit, convertTimeoutMs: timeoutMs, soffice, allowUnsandboxed } = config;
  const scales = parseScales(config.scales);
  const options = {
    file,
    out,
    scales,
    format,
    pageLimit,
    timeoutMs,
    ocrLanguages: config.ocrLanguages,
    soffice,
    allowUnsandboxed,
    logger,
    signal,
  };
  const files: string[] = [];
  const failed: number[] = [];
  let [pages, count] = [0, undefined as number | undefined];
  let firstAfter = "";
  try {
    for await (const step of convertLocally(options)) {
      if (step.type === "type") continue;
      if (step.type === "pageCount") count = step.count;
      else if (step.type === "pageFailed") failed.push(step.page);
      else if (step.type === "file") files.push(step.file);
      else {
        pages += 1;
        if (pages === 1) firstAfter = progress.elapsed;
        files.push(...step.files);
      }
      const isStep = step.type === "page" || step.type === "pageCount";
      if (isStep) progress.step(pages, count === undefined ? undefined : Math.min(count, pageLimit));
    }
  } catch (error) {
    progress.clear();
    stderr.write(`${explain(name, error)}\n`);
    if (pages > 0) failed.push(pages + 1);
    if (!(error instanceof DocumentError) || pages === 0) return exitStatusOf(error);
  }
  progress.clear();
  for (const path of files) stdout.write(`${path}\n`);
  const first = pages > 1 ? `, the first after ${firstAfter}` : "";
  const of = count === undefined || count === pages ? "" : ` of ${count}`;
  stderr.write(`${pages}${of} pages in ${progress.elapsed}${first}; ${await sizeOf(files)} in ${out}\n`);
  if (failed.length === 0) return EXIT.ok;
  stderr.write(`Not rendered: page ${failed.join(", ")}.\n`);
  return EXIT.document;
}

function explain(name: string, error: unknown): string {
  if (error instanceof DocumentError) {
    return `${name}: ${DOCUMENT_PROBLEMS[error.code]} (${error.code}: ${error.message.trim()})`;
  }
  if (error instanceof DocconvError) return `${name}: ${error.message} (${error.code})`;
  if (error instanceof Error && "syscall" in error) return `${name}: ${error.message}`;
  return `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function exitStatusOf(error: unknown): number {
  if (error instanceof DocumentError) return EXIT.document;
  if (error instanceof DocconvError) return EXIT.unavailable;
  return error instanceof Error && "syscall" in error ? EXIT.noInput : EXIT.failed;
}

async function sizeOf(files: readonly string[]): Promise<string> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return `${files.length} files, ${(bytes / 1_000_000).toFixed(1)} MB`;
}
