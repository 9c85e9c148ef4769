// Runs the browser tests of pat-push (`npm run test:browser`) in Debian's Chromium.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { esbuildPlugin } from "@web/dev-server-esbuild";
import { defaultReporter } from "@web/test-runner";
import { chromeLauncher } from "@web/test-runner-chrome";
import { pushSite } from "./packages/pat-push/testing/push-site-proxy.mjs";
import { replies } from "./packages/pat-push/testing/replies.mjs";
import { scripts } from "./packages/pat-push/testing/scripts.mjs";
import { countBrowserTests } from "./scripts/count-browser-tests.mjs";

const require = createRequire(new URL("packages/pat-push/package.json", import.meta.url));

const site = pushSite();

/** CommonJS packages that the dev server cannot serve as modules, by import path. */
const UMD = {
  jquery: "jquery/dist/jquery.js",
  "sockjs-client/dist/sockjs.min.js": "sockjs-client/dist/sockjs.min.js",
};

/** Serves each of UMD as one module with a default export. */
const umdPlugin = {
  name: "umd",
  resolveImport: ({ source }) => (source in UMD ? `/__umd/${source}.js` : undefined),
  async serve({ path }) {
    const name = /^\/__umd\/(.+)\.js$/.exec(path)?.[1];
    if (!name || !(name in UMD)) return undefined;
    const code = await readFile(require.resolve(UMD[name]), "utf8");
    return {
      type: "js",
      body:
        "const module = { exports: {} };\n" +
        `(function (module, exports, define) {${code}\n}).call(globalThis, module, module.exports, undefined);\n` +
        "export default module.exports;",
    };
  },
};

/** What Patternslib and its patterns say of what tests mean to do: among hundreds of these no failure would be seen. */
const EXPECTED_LOGS = [/^pat\.inject:/, /^patterns\.core\.parser:/];

export default {
  files: "packages/pat-push/**/*.browser.test.ts",
  rootDir: import.meta.dirname,
  nodeResolve: { exportConditions: ["push-source"], browser: true },
  concurrency: 1,
  middleware: [site.middleware, replies(), scripts()],
  reporters: [defaultReporter(), countBrowserTests()],
  plugins: [umdPlugin, site.plugin, esbuildPlugin({ ts: true, target: "es2022" })],
  browsers: [
    chromeLauncher({
      launchOptions: {
        executablePath: "/usr/bin/chromium",
        args: [
          "--autoplay-policy=no-user-gesture-required",
          ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        ],
      },
    }),
  ],
  filterBrowserLogs: ({ args }) => !EXPECTED_LOGS.some((expected) => expected.test(String(args[0]))),
  testFramework: { config: { ui: "bdd", timeout: 30_000 } },
};
