/** `npm run samples -w demo [-- FOLDER]`: writes the sample documents, for trying the demo by hand. */
import { join } from "node:path";
import { writeSamples } from "./samples.ts";

const folder = process.argv[2] ?? join(import.meta.dirname, "../dist/samples");
const MAX_UPLOAD_BYTES = 20_000_000; // the demo's default
for (const path of await writeSamples(folder, MAX_UPLOAD_BYTES)) process.stdout.write(`${path}\n`);
