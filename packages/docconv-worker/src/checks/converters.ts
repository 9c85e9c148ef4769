/** Checks the converters by converting: a small PDF, an image and a text, in the sandbox that documents get. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DocconvError } from "../docconv-error.ts";
import { findPrograms } from "../installed-programs.ts";
import { convertLocally } from "../local-conversion.ts";
import { silentLogger } from "../logger.ts";
import { chooseSandbox } from "../sandboxes/choose-sandbox.ts";
import type { Finding } from "./finding.ts";

/** What a check converts with. */
export interface ConverterSettings {
  readonly soffice: string;
  readonly ocrLanguages: readonly string[];
  readonly allowUnsandboxed: boolean;
  readonly convertTimeoutMs: number;
}

const OFFICE_PACKAGES =
  "apt-get install libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui python3-uno";

/** Findings about the sandbox and each converter, as they come. */
export async function* checkConverters(
  settings: ConverterSettings,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const sandbox = await checkSandbox(settings.allowUnsandboxed);
  yield sandbox;
  if (sandbox.state === "failure") return;
  const { poppler, libheif, ocrLanguages, soffice, uno } = await findPrograms(settings.soffice);
  const images = libheif
    ? "sharp, and libheif for HEIC"
    : "sharp; HEIC with apt-get install libheif-examples";
  const pdf = poppler
    ? `poppler ${await version("/usr/bin/pdftoppm", ["-v"])}, and pdfium for what it refuses`
    : "pdfium from npm; several times faster with poppler: apt-get install poppler-utils";
  const directory = await mkdtemp(join(tmpdir(), "docconv-check-"));
  const tryOut = async (subject: string, name: string, content: string, by: string): Promise<Finding> => {
    const file = join(directory, name);
    await writeFile(file, content);
    return convertSample(subject, file, by, settings, signal);
  };
  try {
    await mkdir(join(directory, "out"));
    yield await tryOut("PDF", "sample.pdf", PDF, pdf);
    yield await tryOut("Images", "sample.svg", SVG, images);
    const unread = settings.ocrLanguages.filter((language) => !ocrLanguages.includes(language));
    if (unread.length > 0) {
      const text = `tesseract cannot read ${unread.join(", ")}: apt-get install tesseract-ocr, and its language`;
      yield { subject: "Scans", state: "warning", text };
    }
    if (soffice === undefined) {
      yield {
        subject: "Office files",
        state: "warning",
        text: `No LibreOffice, so no previews of them: ${OFFICE_PACKAGES}`,
      };
    } else {
      const office = `${await version(soffice, ["--version"])}${uno ? ", kept warm" : ""}`;
      yield await tryOut("Office files", "sample.rtf", RTF, office);
      if (!uno) {
        const text = "LibreOffice starts anew for each document, 1.3 s later: apt-get install python3-uno";
        yield { subject: "Office files", state: "warning", text };
      }
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function checkSandbox(allowUnsandboxed: boolean): Promise<Finding> {
  const subject = "Sandbox";
  try {
    const sandbox = await chooseSandbox(allowUnsandboxed, silentLogger);
    if (sandbox.isolates) {
      return { subject, state: "ok", text: `${sandbox.name}: documents see neither disk nor network.` };
    }
    const text = "None, so documents must come from people you trust: apt-get install bubblewrap";
    return { subject, state: "warning", text };
  } catch (error) {
    if (!(error instanceof DocconvError)) throw error;
    return { subject, state: "failure", text: error.message };
  }
}

async function convertSample(
  subject: string,
  file: string,
  by: string,
  { soffice, allowUnsandboxed, convertTimeoutMs: timeoutMs }: ConverterSettings,
  signal: AbortSignal,
): Promise<Finding> {
  const started = performance.now();
  const how = { scales: { normal: 700 }, format: "webp", pageLimit: 1, logger: silentLogger } as const;
  const out = join(file, "..", "out");
  let pages = 0;
  try {
    const options = { ...how, file, out, ocrLanguages: [], soffice, allowUnsandboxed, timeoutMs, signal };
    for await (const step of convertLocally(options)) if (step.type === "page") pages += 1;
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return { subject, state: "failure", text: `${by}: a small sample does not convert: ${reason}` };
  }
  if (pages === 0) return { subject, state: "failure", text: `${by}: a small sample gave no page.` };
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return { subject, state: "ok", text: `${by}: a page from a cold start in ${seconds} s.` };
}

/** What a program says of itself, as short as possible. */
async function version(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args);
    const [line = ""] = `${stdout}${stderr}`.split("\n");
    return /version (\S+)/.exec(line)?.[1] ?? (line.split(" ").slice(0, 2).join(" ") || program);
  } catch {
    return "of unknown version";
  }
}

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="60" height="40" fill="#369"/></svg>';
const RTF = "{\\rtf1\\ansi A page of text.\\par}";
const PDF = writePdf([
  "<< /Type /Catalog /Pages 2 0 R >>",
  "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
  "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
]);

/** A PDF of these objects, with its table of offsets (ISO 32000-1, section 7.5). */
function writePdf(objects: readonly string[]): string {
  let text = "%PDF-1.4\n";
  let table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const [index, object] of objects.entries()) {
    table += `${String(text.length).padStart(10, "0")} 00000 n \n`;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
  }
  return `${text}${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
}
