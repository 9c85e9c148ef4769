// A site for tests that need whole tabs (`e2e/`): the push server and its CMS, Patternslib's stock bundle, our remote
// as it is built, and `/page`. `node testing/tab-site.mjs`; prints its port, and ends with its input.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { pushSite } from "./push-site-proxy.mjs";
import { scripts } from "./scripts.mjs";

const site = pushSite();
const files = scripts();

/** With a path as its argument: Plone's static resources, under `/++plone++static`. */
const [, , ploneStatic] = process.argv;
const TYPES = { ".js": "text/javascript", ".css": "text/css" };

/**
 * `/page?user=<user>`: has a list, and pat-push. `bundle=<path>`: beside this instead of the stock bundle. `push=no`:
 * beside nothing of ours. `scripts=<origin>`: where pat-push is loaded from. `worker=no`: without
 * a SharedWorker. `policy=<csp>`. And `/elsewhere`, without anything.
 */
function page(query) {
  const user = query.get("user");
  return `<!DOCTYPE html><html><head><title>${user}</title>
<meta name="patterns-push-url" content="/push">
<meta name="patterns-push-cursor" content="${Date.now()}">
<meta name="patterns-push-user" content="${user}">
${query.get("worker") === "no" ? '<meta name="patterns-push-worker" content="/nowhere.js">' : ""}
<script src="${query.get("bundle") ?? "/__patternslib/bundle.min.js"}"></script>
${query.get("push") === "no" ? "" : `<script src="${query.get("scripts") ?? ""}/__dist/pat-push.min.js"></script>`}
</head><body><ul id="list"></ul></body></html>`;
}

const server = createServer((request, response) => {
  void answer(request, response).catch(() => response.destroy());
});

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://site");
  const context = { req: request, res: response, path: pathname };
  await site.middleware(context, async () => {
    if (pathname === "/page") {
      const policy = searchParams.get("policy");
      if (policy) response.setHeader("content-security-policy", policy);
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(page(searchParams));
      return;
    }
    if (pathname === "/elsewhere") {
      response.setHeader("content-type", "text/html");
      response.end("<title>Elsewhere</title>");
      return;
    }
    if (ploneStatic && pathname.startsWith("/++plone++static/")) {
      const path = normalize(pathname.slice("/++plone++static".length));
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.end(await readFile(join(ploneStatic, path)));
      return;
    }
    let found = true;
    await files(context, () => (found = false));
    response.writeHead(found && context.body ? 200 : 404, {
      "content-type": found ? "text/javascript" : "text/plain",
      "access-control-allow-origin": "*",
    });
    response.end(found ? context.body : "");
  });
}

await files({ path: "/__dist/pat-push.min.js" }); // builds
server.listen(0, "127.0.0.1");
await once(server, "listening");
await site.plugin.serverStart({ server });
process.stdin.resume().on("end", () => {
  site.plugin.serverStop();
  process.exit();
});
process.stdout.write(`${server.address().port}\n`);
