// Puts push-site.ts behind the test server, under the same origin: `/push`, `/__site` and their WebSockets.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const OURS = /^\/(?:push|__site)\//;

/** A plugin of the test runner's server, and a middleware. */
export function pushSite() {
  let site;
  let port;
  return {
    plugin: {
      name: "push-site",
      async serverStart({ server }) {
        site = spawn(
          process.execPath,
          ["--conditions=push-source", join(import.meta.dirname, "push-site.ts")],
          {
            stdio: ["pipe", "pipe", "inherit"],
          },
        );
        [port] = await once(createInterface({ input: site.stdout }), "line");
        server.on("upgrade", (request, socket, head) => {
          if (OURS.test(request.url)) passUpgradeOn(request, socket, head, port);
        });
      },
      serverStop() {
        site.stdin.end();
      },
    },
    middleware: async (context, next) => {
      if (!OURS.test(context.path)) return await next();
      context.respond = false;
      context.status = 200; // for the log of the test runner; the site answers with its own
      passOn(context.req, context.res, port);
      return undefined;
    },
  };
}

function passOn(request, response, port) {
  const { method, url, headers } = request;
  const passed = httpRequest({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  passed.on("error", () => response.destroy());
  response.on("close", () => passed.destroy());
  request.pipe(passed);
}

function passUpgradeOn(request, socket, head, port) {
  const upstream = connect(port, "127.0.0.1", () => {
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    upstream.write(`GET ${request.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ]) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
}
