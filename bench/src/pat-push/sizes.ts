/** `npm run pat-push:sizes -w bench`: gzipped sizes of what is published, beside the peers' files from npm. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";
import { buildAddOn, buildWithoutCore } from "./add-on.ts";
import { printFigures, type Figure } from "./figures.ts";
import { FOLDERS } from "./site.ts";

/** Files that do the same work: connect, take messages, put them into the page. */
const PEERS: readonly (readonly [
  name: string,
  files: readonly (readonly [folder: string, file: string])[],
])[] = [
  ["Turbo", [["turbo", "turbo.es2017-umd.js"]]],
  [
    "htmx with ws",
    [
      ["htmx", "htmx.min.js"],
      ["htmx-ws", "ws.js"],
    ],
  ],
];

const LATE = ["worker", "calm", "sockjs", "extras", "morph", "purify", "plain"] as const;

export async function benchSizes(): Promise<void> {
  const files = await buildAddOn();
  const kb = (name: string): number => gzipKb(files.get(name) ?? "");
  const main = kb("pat-push.min.js");
  const figures: Figure[] = [
    {
      what: "patterns, engine and client, without Patternslib's core",
      measured: gzipKb(await buildWithoutCore()),
      unit: "KB",
      target: { atMost: 12 },
    },
    {
      what: "all that is loaded at once, and the transport",
      measured: main + kb("pat-push.sockjs.min.js"),
      unit: "KB",
      target: { atMost: 38 },
    },
    ...LATE.map((part) => ({ what: `later: ${part}`, measured: kb(`pat-push.${part}.min.js`), unit: "KB" })),
  ];
  for (const [name, parts] of PEERS) {
    const texts = await Promise.all(
      parts.map(([folder, file]) => readFile(join(FOLDERS[folder]?.() ?? "", file), "utf8")),
    );
    const minified = await Promise.all(
      texts.map(async (text) => (await transform(text, { minify: true })).code),
    );
    const size = minified.reduce((sum, text) => sum + gzipKb(text), 0);
    figures.push({ what: "pat-push, beside", measured: main, unit: "KB", peer: [name, size] });
  }
  printFigures("Sizes, gzipped", figures);
}

function gzipKb(text: string): number {
  return gzipSync(text, { level: 9 }).length / 1000;
}

if (import.meta.main) await benchSizes();
