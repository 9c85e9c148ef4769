/** nchan in nginx, from Debian's package libnginx-mod-nchan: one process, a WebSocket location and one to publish to. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { content } from "./content.ts";
import { SERVER_CORE } from "./cores.ts";
import { freePort } from "./private-redis.ts";
import { cpuMs, rssKb } from "./process-usage.ts";
import type { Broadcast, ServerUnderTest } from "./server-under-test.ts";

const MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";
const STARTS_WITHIN_MS = 10_000;

export class NchanPeer implements ServerUnderTest {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(): Promise<NchanPeer> {
    const folder = mkdtempSync(join(tmpdir(), "pat-push-bench-nchan-"));
    const port = await freePort();
    writeFileSync(join(folder, "nginx.conf"), configuration(port));
    const args = ["-p", folder, "-c", "nginx.conf", "-e", "stderr"];
    const child = spawn("taskset", ["-c", String(SERVER_CORE), "/usr/sbin/nginx", ...args], {
      stdio: "inherit",
    });
    const peer = new NchanPeer(child, port);
    for (const deadline = performance.now() + STARTS_WITHIN_MS; ; await delay(50)) {
      const answers = await fetch(`http://127.0.0.1:${port}/publish`).then(
        () => true,
        () => false,
      );
      if (answers) return peer;
      if (performance.now() > deadline)
        throw new Error("nginx with nchan did not start: see its message above.");
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async broadcast({ bytes, times }: Broadcast): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      await fetch(`http://127.0.0.1:${this.port}/publish`, { method: "POST", body: content(bytes) });
    }
  }

  cpuMs(): number {
    return cpuMs(this.pid);
  }

  rssKb(): Promise<number> {
    return Promise.resolve(rssKb(this.pid));
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}

function configuration(port: number): string {
  return `load_module ${MODULE};
daemon off;
master_process off;
user root;
pid nginx.pid;
worker_rlimit_nofile 20000;
events { worker_connections 19000; }
http {
  access_log off;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = / { nchan_subscriber websocket; nchan_channel_id all; nchan_subscriber_first_message newest; }
    location = /publish { nchan_publisher http; nchan_channel_id all; }
  }
}
`;
}
