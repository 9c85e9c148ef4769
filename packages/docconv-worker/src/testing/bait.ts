/** For tests: what a document that reaches out could get, on the network and on the disk, and whether it got it. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { decideMediaType } from "../media-type.ts";
import type { Office } from "../offices/office.ts";
import { readMail } from "../renderer/mail.ts";
import { type Bait, REACHING } from "./hostile-files.ts";
import { openSampleFiles } from "./sample-files.ts";

/** An HTTP server that gives everybody a green picture, and a magenta one on the disk. */
export interface SetBait extends Bait {
  /** Paths that were asked for. */
  readonly hits: string[];
  /** Which of the two pictures can be seen in this one. */
  seenIn(image: Uint8Array): Promise<readonly ("network" | "disk")[]>;
  close(): Promise<void>;
}

/** Fewer pixels of a colour are chance. */
const SEEN_PIXELS = 50;

/** Sets it. */
export async function setBait(): Promise<SetBait> {
  const directory = await mkdtemp(join(tmpdir(), "bait-"));
  const file = join(directory, "canary.png");
  await writeFile(file, await plain("#ff00ff"));
  const picture = await plain("#00ff00");
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    response.writeHead(200, { "content-type": "image/png" }).end(picture);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    file,
    hits,
    async seenIn(image) {
      const { data } = await sharp(image).flatten().raw().toBuffer({ resolveWithObject: true });
      let [green, magenta] = [0, 0];
      for (let at = 0; at < data.length; at += 3) {
        const [r = 0, g = 0, b = 0] = [data[at], data[at + 1], data[at + 2]];
        if (r < 60 && g > 200 && b < 60) green += 1;
        if (r > 200 && g < 60 && b > 200) magenta += 1;
      }
      return [
        ...(green > SEEN_PIXELS ? (["network"] as const) : []),
        ...(magenta > SEEN_PIXELS ? (["disk"] as const) : []),
      ];
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What it gets where a browser opens it, in which nothing holds it: SVG as it is, a mail's own HTML. */
export async function browseUnheld(
  format: "svg" | "eml",
  bait: SetBait,
): Promise<{ readonly hit: boolean; readonly seen: readonly ("network" | "disk")[] }> {
  const directory = await mkdtemp(join(tmpdir(), "browsed-"));
  try {
    bait.hits.length = 0;
    const bytes = REACHING[format]?.(bait) ?? Buffer.alloc(0);
    const file = join(directory, format === "svg" ? "a.svg" : "a.html");
    await writeFile(file, format === "svg" ? bytes : (await readMail(bytes)).html);
    const picture = join(directory, "a.png");
    const args = [
      "--headless",
      "--no-sandbox",
      `--user-data-dir=${directory}/profile`,
      `--screenshot=${picture}`,
    ];
    await promisify(execFile)("/usr/bin/chromium", [...args, `file://${file}`], { timeout: 60_000 });
    return { hit: bait.hits.length > 0, seen: await bait.seenIn(await readFile(picture)) };
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function plain(background: string): Promise<Buffer> {
  return sharp({ create: { width: 60, height: 60, channels: 3, background } })
    .png()
    .toBuffer();
}

/** What a document of this format gets when LibreOffice opens it, and nothing holds it. */
export async function reachUnheld(
  format: string,
  office: Office,
  bait: SetBait,
): Promise<{ readonly hit: boolean; readonly seen: readonly ("network" | "disk")[] }> {
  const files = await openSampleFiles();
  try {
    bait.hits.length = 0;
    const bytes = REACHING[format]?.(bait) ?? Buffer.alloc(0);
    const document = await files.write(bytes, "");
    const mediaType = await decideMediaType({ ...document, statedType: "" }, `a.${format}`, "");
    const limits = { timeoutMs: 60_000, signal: new AbortController().signal };
    const open = await office.open({ ...document, mediaType }, limits);
    const pdf = await open.exportPdf("out.pdf", undefined, limits);
    await promisify(execFile)("pdftoppm", ["-png", "-r", "60", "-singlefile", pdf, pdf]);
    return { hit: bait.hits.length > 0, seen: await bait.seenIn(await readFile(`${pdf}.png`)) };
  } finally {
    await files.close();
  }
}
