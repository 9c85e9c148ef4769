import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["push-source", "module", "node", "default"] },
  ssr: { resolve: { conditions: ["push-source", "module", "node", "default"] } },
  test: {
    include: [
      "packages/*/{src,e2e}/**/*.test.ts",
      "demo/**/*.test.ts",
      "bench/**/*.test.ts",
      "scripts/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**", "packages/pat-push/**/*.browser.test.ts"],
    // Only to end what hangs: a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
