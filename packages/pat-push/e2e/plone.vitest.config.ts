/** `npm run test:plone -w pat-push`: beside the bundle of a Plone release, which pip gets from PyPI (about 15 MB). */
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: { include: ["e2e/plone-bundle.ts"], testTimeout: 120_000, hookTimeout: 300_000 },
});

// oxlint-disable-next-line import/no-default-export -- as vitest reads it
export default config;
