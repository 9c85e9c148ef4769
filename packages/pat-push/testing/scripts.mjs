// Classic scripts for the browser tests: Patternslib's stock bundle as it was published, and our remote as it is built.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { rollup } from "rollup";
import { published } from "../rollup.config.mjs";

const PATTERNSLIB = dirname(createRequire(import.meta.url).resolve("@patternslib/patternslib/package.json"));

/** Koa middleware: `/__patternslib/*` and `/__dist/*`. Builds with the first request. */
export function scripts() {
  let built;
  return async (context, next) => {
    const [, where, file] = /^\/__(patternslib|dist)\/([\w./-]+)$/.exec(context.path) ?? [];
    if (!where) {
      await next();
      return;
    }
    context.type = "text/javascript";
    context.body =
      where === "dist"
        ? (await (built ??= build())).get(file)
        : await readFile(join(PATTERNSLIB, "dist", file));
  };
}

async function build() {
  const files = new Map();
  for (const { output: outputOptions, ...input } of published) {
    const bundle = await rollup({ ...input, logLevel: "warn" });
    const { output } = await bundle.generate(outputOptions);
    for (const part of output) if (part.type === "chunk") files.set(part.fileName, part.code);
    await bundle.close();
  }
  return files;
}
