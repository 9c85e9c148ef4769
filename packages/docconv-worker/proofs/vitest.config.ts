import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["push-source", "module", "node", "default"];

/** What takes too long for every run of the tests: hostile documents one by one, many rounds, and memory. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/proofs/*.proof.ts"],
    testTimeout: 3_000_000,
    hookTimeout: 300_000,
    disableConsoleIntercept: true,
  },
});
