/** LibreOffice kept warm: a PDF of a page takes a tenth of a second instead of one and a half. */
import { randomUUID } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";
import { extensionOf } from "../media-type.ts";
import { ProcessPool } from "../process-pool.ts";
import type { Sandbox } from "../sandbox.ts";
import { loadFilter } from "./load-filter.ts";
import { OfficeProcess } from "./office-process.ts";
import type { Office, OfficeLimits, OpenOfficeDocument } from "./office.ts";

/** Options of {@link WarmOffice}. */
export interface WarmOfficeOptions {
  readonly sandbox: Sandbox;
  /** soffice's path. */
  readonly soffice: string;
  /** Where the processes keep their files. */
  readonly workDirectory: string;
  /** LibreOffice processes. */
  readonly size: number;
  /** Documents that one process opens before it is replaced. */
  readonly documentsEach: number;
  /** Memory of one process after a document; with more it is replaced. Default: 600,000,000 bytes. */
  readonly maxResidentBytes?: number;
}

/** A pool of LibreOffice processes with a profile each. */
export class WarmOffice implements Office {
  readonly #pool: ProcessPool<OfficeProcess>;

  constructor(options: WarmOfficeOptions) {
    const { sandbox, soffice, workDirectory, size, documentsEach, maxResidentBytes } = options;
    this.#pool = new ProcessPool({
      start: () => {
        const directory = join(workDirectory, `office-${randomUUID()}`);
        return new OfficeProcess({ sandbox, soffice, directory, maxResidentBytes });
      },
      size,
      usesEach: documentsEach,
    });
  }

  async open(document: DocumentFile, limits: OfficeLimits): Promise<OpenOfficeDocument> {
    const filter = await loadFilter(document.path, document.mediaType);
    if (!filter) throw new DocumentError("unsupported-format", `No filter for ${document.mediaType}.`);
    const lease = await this.#pool.lease(limits.signal);
    try {
      const { process } = lease;
      const pageCount = await process.open(document.path, extensionOf(document.mediaType), filter, limits);
      return {
        pageCount,
        async exportPdf(name, pages, exportLimits) {
          const path = join(document.workDirectory, name);
          await process.exportPdf(pages, path, exportLimits);
          // It could have planted a link to a file that we may read and it may not.
          if ((await lstat(path)).isFile()) return path;
          throw new DocumentError("damaged-file", "What LibreOffice left is no file.");
        },
        async close() {
          await process.closeDocument({ timeoutMs: 5000, signal: limits.signal }).then(
            () => lease.release(),
            () => lease.discard(),
          );
        },
      };
    } catch (error) {
      // A document that it could not open may have left anything behind.
      lease.discard();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
