/** `npm run build -w demo`: the one script and the one style sheet that the pages load, into dist/client. */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import { build as bundleStyles } from "esbuild";
import { rollup } from "rollup";
import esbuild from "rollup-plugin-esbuild";

// Their types describe the CommonJS build, in which the function is `default`; Node loads the ES module.
const fromCommonJs = commonjs as unknown as typeof commonjs.default;
const minify = terser as unknown as typeof terser.default;

/** Builds what a browser loads into `folder`. */
export async function buildClient(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    buildScript(folder),
    buildStyles(folder),
    copyFile(join(import.meta.dirname, "client/icon.svg"), join(folder, "icon.svg")),
  ]);
}

async function buildScript(folder: string): Promise<void> {
  const bundle = await rollup({
    input: join(import.meta.dirname, "client/demo.ts"),
    plugins: [
      nodeResolve({ browser: true, exportConditions: ["push-source"], extensions: [".js", ".ts"] }),
      fromCommonJs(),
      esbuild({ target: "es2022" }),
      minify(),
    ],
    onwarn(warning, warn) {
      // Patternslib's modules import each other in circles; that is theirs, and works.
      if (warning.code !== "CIRCULAR_DEPENDENCY") warn(warning);
    },
  });
  await bundle.write({
    dir: folder,
    entryFileNames: "demo.js",
    chunkFileNames: "[name]-[hash].js",
    format: "es",
  });
  await bundle.close();
}

async function buildStyles(folder: string): Promise<void> {
  await bundleStyles({
    entryPoints: [join(import.meta.dirname, "client/styles/demo.css")],
    outdir: folder,
    bundle: true,
    minify: true,
    loader: { ".woff2": "file", ".svg": "file" },
    assetNames: "[name]-[hash]",
    logLevel: "warning",
  });
}

if (import.meta.main) await buildClient(join(import.meta.dirname, "dist/client"));
