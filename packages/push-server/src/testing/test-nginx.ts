/** Debian's nginx with the configuration of docs/nginx.conf, in a folder of its own, ended by its process id. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { freePort } from "./free-port.ts";

const NGINX = "/usr/sbin/nginx";
const SITE = join(import.meta.dirname, "../../docs/nginx.conf");

export class TestNginx {
  readonly origin: string;
  readonly #folder: string;

  private constructor(origin: string, folder: string) {
    this.origin = origin;
    this.#folder = folder;
  }

  /** @param nodes ports of the two push servers */
  static async start(nodes: readonly [number, number]): Promise<TestNginx> {
    const folder = await mkdtemp(join(tmpdir(), "push-nginx-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, "logs"));
    const port = await freePort();
    await writeFile(join(folder, "site.conf"), await siteFor(port, nodes));
    await writeFile(join(folder, "nginx.conf"), AROUND);
    const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "logs/error.log")];
    const nginx = spawn(NGINX, args, { stdio: ["ignore", "ignore", "pipe"] });
    const exited = once(nginx, "exit").catch(() => undefined);
    onTestFinished(async () => {
      nginx.kill("SIGTERM");
      await exited;
    });
    const errors = text(nginx.stderr);
    const failed = exited.then(async () => {
      throw new Error(`nginx does not start; is Debian's nginx installed? ${await errors}`);
    });
    failed.catch(() => undefined); // at its end, when nobody waits any more
    const origin = `http://127.0.0.1:${port}`;
    await Promise.race([failed, answers(origin)]);
    return new TestNginx(origin, folder);
  }

  /** Its access log so far. */
  async accessLog(): Promise<string> {
    return await readFile(join(this.#folder, "logs/push.log"), "utf8");
  }
}

/** What Debian's own nginx.conf is around a site. */
const AROUND = `
daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
pid nginx.pid;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}
`;

/** As it is documented, but for addresses and the log's folder. */
async function siteFor(port: number, nodes: readonly [number, number]): Promise<string> {
  let site = await readFile(SITE, "utf8");
  const changes = {
    "listen 80;": `listen 127.0.0.1:${port};`,
    "127.0.0.1:8070 ": `127.0.0.1:${nodes[0]} `,
    "127.0.0.1:8071 ": `127.0.0.1:${nodes[1]} `,
    "/var/log/nginx/": "logs/",
  };
  for (const [documented, ours] of Object.entries(changes)) {
    if (!site.includes(documented)) throw new Error(`docs/nginx.conf has no ${documented}`);
    site = site.replace(documented, ours);
  }
  return site;
}

async function answers(origin: string): Promise<void> {
  while (!(await fetch(origin).catch(() => undefined))) await delay(20);
}
