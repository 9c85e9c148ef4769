/** A fetched document on the worker's disk, in a folder of its run; the way from the CMS to the converters. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type CmsClient, type Credentials, DocumentTooLargeError } from "cms-client";
import { DocumentError } from "./document-error.ts";

/** A document as converters get it. */
export interface DocumentFile {
  /** The bytes; the file's name says nothing. */
  readonly path: string;
  /** An empty folder of the same run for what a converter writes. */
  readonly workDirectory: string;
  readonly size: number;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly checksum: string;
  /** What its owner calls it. */
  readonly name: string;
  /** Decided by content, then name, then what the CMS says. */
  readonly mediaType: string;
}

/** A document before its type is decided. */
export interface FetchedFile extends Omit<DocumentFile, "mediaType"> {
  /** What the CMS says. */
  readonly statedType: string;
}

/** What {@link fetchDocumentFile} needs to know. */
export interface FetchFileOptions {
  readonly download: string;
  /** A new folder for this run. */
  readonly directory: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Fetches a document as the user.
 * @throws DocumentError `empty-file`, `file-too-large`; cms-client's errors
 */
export async function fetchDocumentFile(
  cms: CmsClient,
  credentials: Credentials,
  { download, directory, maxBytes, signal }: FetchFileOptions,
): Promise<FetchedFile> {
  const workDirectory = join(directory, "work");
  await mkdir(workDirectory, { recursive: true, mode: 0o700 });
  const path = join(directory, "document");
  const hash = createHash("sha256");
  let size = 0;
  try {
    const fetched = await cms.fetchDocument(credentials, download, { maxBytes, signal });
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of fetched.body) {
        size += chunk.length;
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(measured, createWriteStream(path, { mode: 0o600 }), { signal });
    if (size === 0) throw new DocumentError("empty-file", "The document has no bytes.");
    const checksum = hash.digest("hex");
    return { path, workDirectory, size, checksum, name: fetched.name, statedType: fetched.mediaType };
  } catch (error) {
    await rm(path, { force: true });
    if (!(error instanceof DocumentTooLargeError)) throw error;
    throw new DocumentError("file-too-large", `The document has more than ${maxBytes} bytes.`, {
      cause: error,
    });
  }
}
