/** Which of the system's programs are installed; each is optional, and what needs it says so where it is missing. */
import { existsSync } from "node:fs";

/** What is there. */
export interface InstalledPrograms {
  /** pdfinfo and pdftoppm. */
  readonly poppler: boolean;
  /** soffice's path. */
  readonly soffice: string | undefined;
}

/** Looks where Debian puts them: a sandbox shows nothing of the disk but /usr. */
export function findPrograms(soffice: string = "/usr/bin/soffice"): InstalledPrograms {
  return {
    poppler: existsSync("/usr/bin/pdfinfo") && existsSync("/usr/bin/pdftoppm"),
    soffice: existsSync(soffice) ? soffice : undefined,
  };
}
