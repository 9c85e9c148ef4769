/**
 * Docsplit 0.7.6's own command sequence, with the flags of Plone Intranet's async package:
 * `docsplit images X.pdf --size 1000x,700x,180x --format gif --rolling --pages 1-20`.
 * The commands stand in Docsplit's image_extractor.rb; they need Debian's graphicsmagick and ghostscript.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const SIZES = ["1000x", "700x", "180x"] as const;
const LIMITS = ["-limit", "memory", "256MiB", "-limit", "map", "512MiB", "-density", "150"];

export interface ConversionTimes {
  /** Until page 1 exists at every size. */
  readonly firstMs: number;
  /** Until every page exists at every size. */
  readonly totalMs: number;
}

/** Converts a PDF or an Office file of `pages` pages into `out`, and times it. */
export async function docsplit(file: string, pages: number, out: string): Promise<ConversionTimes> {
  const started = performance.now();
  const pdf = extname(file) === ".pdf" ? file : await officeToPdf(file, out);
  const name = basename(pdf, ".pdf");
  await withMagickFolder(out, async (env) => {
    await mkdir(join(out, SIZES[0]), { recursive: true });
    for (let page = 1; page <= pages; page += 1) {
      const target = join(out, SIZES[0], `${name}_${page}.gif`);
      const convert = ["convert", "+adjoin", "-define", "pdf:use-cropbox=true", ...LIMITS];
      await run("gm", [...convert, "-resize", SIZES[0], `${pdf}[${page - 1}]`, target], { env });
    }
  });
  let previous: string = SIZES[0];
  let firstMs = Number.NaN;
  for (const size of SIZES.slice(1)) {
    const files = await copyPages(join(out, previous), join(out, size));
    const first = join(out, size, `${name}_1.gif`);
    const untouched = (await stat(first)).mtimeMs;
    await withMagickFolder(out, async (env) => {
      const look = async (): Promise<void> => {
        const found = await stat(first).catch(() => undefined); // between unlink and rename
        if (found === undefined || found.mtimeMs === untouched || !Number.isNaN(firstMs)) return;
        firstMs = performance.now() - started;
      };
      firstMs = Number.NaN;
      const watch = setInterval(() => void look(), 5);
      const unsharp = ["-resize", size, "-unsharp", "0x0.5+0.75"];
      await run("gm", ["mogrify", ...LIMITS, ...unsharp, ...files], { env });
      clearInterval(watch);
    });
    previous = size;
  }
  return { firstMs, totalMs: performance.now() - started };
}

async function officeToPdf(file: string, out: string): Promise<string> {
  const flags = ["--headless", "--invisible", "--norestore", "--nolockcheck", "--convert-to", "pdf"];
  await run("soffice", [...flags, "--outdir", out, file]);
  return join(out, `${basename(file, extname(file))}.pdf`);
}

async function copyPages(from: string, to: string): Promise<string[]> {
  await mkdir(to, { recursive: true });
  const names = await readdir(from);
  return await Promise.all(
    names.map(async (name) => {
      await copyFile(join(from, name), join(to, name));
      return join(to, name);
    }),
  );
}

async function withMagickFolder(out: string, work: (env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(out, "magick-"));
  try {
    await work({ ...process.env, MAGICK_TMPDIR: folder, OMP_NUM_THREADS: "2" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
