/** `npm run build -w demo`: the one script and the one style sheet that the pages load, into dist/client. */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/** Builds what a browser loads into `folder`. */
export async function buildClient(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    build({
      absWorkingDir: join(import.meta.dirname, "client"),
      entryPoints: ["demo.ts", { in: "styles/demo.css", out: "demo" }],
      outdir: folder,
      bundle: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      minify: true,
      conditions: ["push-source"],
      loader: { ".woff2": "file", ".svg": "file" },
      chunkNames: "[name]-[hash]",
      assetNames: "[name]-[hash]",
      logLevel: "warning",
    }),
    copyFile(join(import.meta.dirname, "client/icon.svg"), join(folder, "icon.svg")),
  ]);
}

if (import.meta.main) await buildClient(join(import.meta.dirname, "dist/client"));
