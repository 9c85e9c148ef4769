import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["push-source", "module", "node", "default"];

/** The suite against a real Plone: apart from all others, because it installs one (half a gigabyte from PyPI). */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/real-plone/*.suite.ts"],
    provide: {
      ploneFolder: process.env["PLONE_FOLDER"] ?? "/tmp/push-real-plone",
      prepareScript: fileURLToPath(new URL("prepare.sh", import.meta.url)),
    },
    testTimeout: 60_000,
    hookTimeout: 1_200_000,
  },
});
