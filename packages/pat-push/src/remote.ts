/**
 * The entry of `dist/pat-push.min.js`, the add-on for pages whose bundle has Patternslib already. The build wraps it
 * in a module federation container (`rollup.config.mjs`), which the bundle of Patternslib 8 and later starts by itself.
 */
import { registerPatterns } from "./register.ts";

/** The URL of this script; the build's banner has it. */
declare const patPushScript: string;

registerPatterns(new URL("./pat-push.worker.min.js", patPushScript).href);
