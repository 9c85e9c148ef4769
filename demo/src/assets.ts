/** Serves what `npm run build` made: script, style sheet, font, icon. The same for everybody. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

interface Asset {
  readonly mediaType: string;
  readonly etag: string;
  readonly bytes: Buffer;
}

export class Assets {
  readonly #assets: ReadonlyMap<string, Asset>;

  private constructor(assets: ReadonlyMap<string, Asset>) {
    this.#assets = assets;
  }

  /** Reads a folder into memory. @throws Error that says what to run if it was not built */
  static async load(folder: string): Promise<Assets> {
    const names = await readdir(folder).catch((cause: unknown) => {
      throw new Error(`${folder} is missing: run \`npm run build --workspace demo\` first.`, { cause });
    });
    const assets = await Promise.all(
      names.map(async (name) => {
        const bytes = await readFile(join(folder, name));
        const mediaType = MEDIA_TYPES[extname(name)] ?? "application/octet-stream";
        const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
        return [`/assets/${name}`, { mediaType, etag, bytes }] as const;
      }),
    );
    return new Assets(new Map(assets));
  }

  /** False: not an asset, go on. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const asset = this.#assets.get(request.url?.split("?")[0] ?? "");
    if (!asset || (request.method !== "GET" && request.method !== "HEAD")) return false;
    const fresh = request.headers["if-none-match"] === asset.etag;
    response.writeHead(fresh ? 304 : 200, {
      etag: asset.etag,
      // Names with a hash in them never change; the others are asked for again, and cost nothing if unchanged.
      "cache-control": /-[\w-]{8}\.\w+$/.test(request.url ?? "")
        ? "public, max-age=31536000, immutable"
        : "no-cache",
      "x-content-type-options": "nosniff",
      ...(fresh ? {} : { "content-type": asset.mediaType, "content-length": asset.bytes.length }),
    });
    response.end(fresh ? undefined : asset.bytes);
    return true;
  }
}
