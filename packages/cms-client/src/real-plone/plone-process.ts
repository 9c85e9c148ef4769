/** A real Plone on a free port, installed at its first use. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export interface PloneProcess {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** Installs Plone into a folder, unless it is there, makes its sites anew and starts it. */
export async function startRealPlone(folder: string, prepareScript: string): Promise<PloneProcess> {
  await promisify(execFile)(prepareScript, [folder], { maxBuffer: 64 * 1024 * 1024 });
  const port = await freePort();
  const process = spawn(
    join(folder, "env/bin/runwsgi"),
    [join(folder, "instance/etc/zope.ini"), `http_port=${port}`],
    { stdio: "ignore" },
  );
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, process);
  return {
    url,
    async close() {
      if (process.exitCode !== null) return;
      const exited = once(process, "exit");
      process.kill();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function untilReady(url: string, process: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt += 1) {
    if (process.exitCode !== null) throw new Error(`Plone ended with ${process.exitCode}: see its var/log.`);
    const answered = await fetch(`${url}/Plone/front/title_or_id`).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (answered) return;
    await sleep(500);
  }
  process.kill();
  throw new Error(`Plone did not answer at ${url} within two minutes: see its var/log.`);
}
