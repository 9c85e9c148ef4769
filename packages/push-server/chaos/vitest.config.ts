import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["push-source", "module", "node", "default"];

/** The long proof that nothing is lost: apart from all others, because its outages last a minute. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/chaos.suite.ts"],
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
  },
});
