/** Builds pat-push as it is published, into memory; its size gate ends a benchmark as it would end a release. */
import { rollup, type OutputOptions, type RollupOptions } from "rollup";

const CONFIG = new URL("../../../packages/pat-push/rollup.config.mjs", import.meta.url).href;

/** File name -> code. */
export async function buildAddOn(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const options of await readConfig())
    for (const [name, code] of await build(options)) files.set(name, code);
  return files;
}

/** `pat-push.min.js` without what it brings along of Patternslib. */
export async function buildWithoutCore(): Promise<string> {
  const [main] = await readConfig();
  const files = await build({ ...main, external: [/jquery/, /@patternslib/] });
  return [...files.values()].join("");
}

async function readConfig(): Promise<readonly RollupOptions[]> {
  return ((await import(CONFIG)) as { default: readonly RollupOptions[] }).default;
}

async function build({ output, ...input }: RollupOptions): Promise<[name: string, code: string][]> {
  const bundle = await rollup({ ...input, logLevel: "silent" });
  const generated = await bundle.generate(output as OutputOptions);
  await bundle.close();
  return generated.output.flatMap((part): [string, string][] =>
    part.type === "chunk" ? [[part.fileName, part.code]] : [],
  );
}
