// `npm run build -w pat-push`: dist/pat-push.min.js and the parts that it loads only when they are needed.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import esbuild from "rollup-plugin-esbuild";

const { name, version } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Imported dynamically by src/; each becomes a file beside pat-push.min.js. By the end of the import's name. */
const LATE = {
  "purify.ts": at("src/on-demand/purify.ts"),
  "plain.ts": at("src/on-demand/plain.ts"),
  "sockjs.min.js": at("build/sockjs-http.js"),
  "worker.ts": at("src/connection/shared/worker.ts"),
  "calm.ts": at("src/calm/calm.ts"),
  "morph.ts": at("src/on-demand/morph.ts"),
  "extras.ts": at("src/on-demand/extras.ts"),
};

/** One after the other: together they come to 2 % less than either. */
const minified = {
  esbuild: { target: "es2022", minify: true, legalComments: "inline" },
  terser: { ecma: 2022, compress: { passes: 3, inline: 1 } },
  /** For what others wrote, in the style of 2011. */
  terserOfOthers: { ecma: 2022, compress: { passes: 3, pure_getters: true, hoist_funs: true } },
};

const fileOf = (end) => `pat-push.${end.replace(/\..*/, "")}.min.js`;

const NOTHING = "module.exports = function () {};";

/** What sockjs-client carries for the browsers of 2011 and for its own debugging, and what we put in its place. */
const SLIM_SOCKJS = [
  [/\/sockjs-client\/lib\/(?:shims|iframe-bootstrap|info-iframe)\.js$/, NOTHING],
  [/\/sockjs-client\/lib\/transport\/sender\/xdr\.js$/, "module.exports = { enabled: false };"],
  // Its listener to `unload` keeps pages out of the back/forward cache; pat-push closes with `pagehide`.
  [/\/sockjs-client\/lib\/utils\/event\.js$/, "exports.unloadAdd = exports.unloadDel = function () {};"],
  [
    /\/url-parse\/index\.js$/,
    "module.exports = class extends URL { set(name, value) { this[name] = value; return this; } };",
  ],
];

const slimSockJs = {
  name: "slim-sockjs",
  transform(code, id) {
    const [, instead] = SLIM_SOCKJS.find(([file]) => file.test(id)) ?? [];
    if (instead) return instead;
    return id.includes("/sockjs-client/")
      ? code.replaceAll("process.env.NODE_ENV", '"production"')
      : undefined;
  },
};

const plugins = [
  nodeResolve({
    browser: true,
    preferBuiltins: false,
    exportConditions: ["push-source"],
    extensions: [".js", ".ts"],
  }),
  slimSockJs,
  commonjs(),
];

const onwarn = (warning, warn) => {
  // Patternslib's modules import each other in circles; that is theirs, and works.
  if (warning.code !== "CIRCULAR_DEPENDENCY") warn(warning);
};

/** No file of a release grows past this, gzipped, in bytes. Without sanitiser and morph they are 36 KB in all, of 38. */
const MAX_BYTES = {
  "pat-push.min.js": 20_500,
  "pat-push.worker.min.js": 4000,
  "pat-push.calm.min.js": 2300,
  "pat-push.extras.min.js": 1900,
  "pat-push.sockjs.min.js": 7300,
  "pat-push.morph.min.js": 5120,
  "pat-push.purify.min.js": 12_288,
  "pat-push.plain.min.js": 500,
  /** `pat-push.min.js` without what is Patternslib's in it, and without the container, which are 184 more: 12 KB. */
  "own.js": 11_815,
};

const sizeGate = {
  name: "size-gate",
  generateBundle(_, bundle) {
    for (const { fileName, code } of Object.values(bundle)) {
      if (code === undefined) continue;
      const bytes = gzipSync(code, { level: 9 }).length;
      const most = MAX_BYTES[fileName];
      this.info(`${fileName}: ${bytes} of ${most} bytes`);
      if (bytes > most) this.error(`${fileName} has ${bytes} bytes gzipped, and ${most} is the most.`);
    }
  },
};

/** Dynamic imports of LATE find their files beside the file that imports them. */
const lateParts = {
  name: "late-parts",
  resolveDynamicImport(specifier) {
    const end = Object.keys(LATE).find((candidate) => specifier.endsWith(candidate));
    return end && { id: `./${fileOf(end)}`, external: true };
  },
};

/** The same from a classic script, which may be another origin's. */
const besideScript = {
  name: "beside-script",
  renderDynamicImport: () => ({ left: "import(new URL(", right: ", patPushScript).href)" }),
};

/**
 * A module federation container without webpack: the host calls `init` with what it shares, then `get`. The host
 * looks for containers once; a script that comes later starts by itself with the host's global jQuery.
 */
const container = {
  banner: `/*! ${name} ${version} | BSD-3-Clause */
(() => {
  const patPushScript = document.currentScript?.src || location.href;
  let patPushStarted = false;
  const patPushStart = (jQuery) => {
    if (patPushStarted) return;
    patPushStarted = true;
`,
  footer: `
  };
  let sharedJQuery;
  window.__patternslib_mf__pat_push = {
    async init(scope) {
      const versions = Object.values(scope.jquery ?? {});
      const shared = versions.find(({ loaded }) => loaded) ?? versions[0];
      sharedJQuery = shared ? (await shared.get())() : window.jQuery;
    },
    get: async () => () => patPushStart(sharedJQuery),
  };
  const late = () => setTimeout(() => window.jQuery && patPushStart(window.jQuery), 500);
  if (document.readyState === "complete") late();
  else window.addEventListener("load", late, { once: true });
})();`,
};

const remote = {
  input: at("src/remote.ts"),
  external: ["jquery"],
  plugins: [...plugins, esbuild(minified.esbuild), lateParts, besideScript],
  onwarn,
  output: {
    file: at("dist/pat-push.min.js"),
    format: "iife",
    globals: { jquery: "jQuery" },
    ...container,
    plugins: [terser({ ...minified.terser, format: { comments: /^!/ } }), sizeGate],
    sourcemap: true,
  },
};

const parts = Object.entries(LATE).map(([end, input]) => ({
  input,
  // esbuild's plugin resolves imports past the package's `browser` field, and only our own parts need it.
  plugins: input.endsWith(".ts") ? [...plugins, esbuild(minified.esbuild), lateParts] : plugins,
  onwarn,
  output: {
    file: at(`dist/${fileOf(end)}`),
    format: "es",
    plugins: [
      terser({ ...(input.endsWith(".ts") ? minified.terser : minified.terserOfOthers), module: true }),
      sizeGate,
    ],
  },
}));

/** Measured, and not kept. */
const own = {
  ...remote,
  external: [/^jquery$/, /@patternslib/],
  output: {
    file: at("dist/own.js"),
    format: "es",
    plugins: [
      terser({ ...minified.terser, module: true }),
      sizeGate,
      {
        name: "not-kept",
        generateBundle(_, bundle) {
          for (const file of Object.keys(bundle)) delete bundle[file];
        },
      },
    ],
  },
};

export const published = [remote, ...parts];

export default [...published, own];
