import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["push-source", "module", "node", "default"] },
  ssr: { resolve: { conditions: ["push-source", "module", "node", "default"] } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "demo/**/*.test.ts",
      "bench/**/*.test.ts",
      "scripts/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**", "packages/pat-push/**/*.browser.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
