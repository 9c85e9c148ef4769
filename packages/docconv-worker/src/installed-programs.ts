/** Which of the system's programs are installed; each is optional, and what needs it says so where it is missing. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

/** What is there. */
export interface InstalledPrograms {
  /** pdfinfo and pdftoppm. */
  readonly poppler: boolean;
  /** heif-convert, for HEIC. */
  readonly libheif: boolean;
  /** The languages that tesseract reads; none if it is not installed. */
  readonly ocrLanguages: readonly string[];
  /** soffice's path. */
  readonly soffice: string | undefined;
  /** python3-uno, which keeps LibreOffice warm. */
  readonly uno: boolean;
}

/** Looks where Debian puts them: a sandbox shows nothing of the disk but /usr. */
export async function findPrograms(soffice: string = "/usr/bin/soffice"): Promise<InstalledPrograms> {
  const hasOffice = existsSync(soffice);
  return {
    poppler: existsSync("/usr/bin/pdfinfo") && existsSync("/usr/bin/pdftoppm"),
    libheif: existsSync("/usr/bin/heif-convert"),
    ocrLanguages: await tesseractLanguages(),
    soffice: hasOffice ? soffice : undefined,
    uno: hasOffice && (await importsUno()),
  };
}

/** After a headline, one a line. */
function tesseractLanguages(): Promise<readonly string[]> {
  return promisify(execFile)("/usr/bin/tesseract", ["--list-langs"]).then(
    ({ stdout }) => stdout.trim().split("\n").slice(1),
    () => [],
  );
}

function importsUno(): Promise<boolean> {
  return promisify(execFile)("/usr/bin/python3", ["-c", "import uno"]).then(
    () => true,
    () => false,
  );
}
