/** Where one worker process keeps documents while it converts them; nothing of it outlives the process for long. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

const NAME = /^(.+)\.(\d+)\.[0-9a-f-]{36}$/;

/** A folder that is this process's alone. */
export interface WorkDirectory {
  readonly path: string;
  close(): Promise<void>;
}

/** Makes the folder, and deletes those of processes on this machine that are gone: killed, they could not. */
export async function openWorkDirectory(root: string): Promise<WorkDirectory> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const name of await readdir(root)) {
    const [, host, pid] = NAME.exec(name) ?? [];
    if (host !== hostname() || isAlive(Number(pid))) continue;
    await rm(join(root, name), { recursive: true, force: true });
  }
  const path = join(root, `${hostname()}.${process.pid}.${randomUUID()}`);
  await mkdir(path, { mode: 0o700 });
  return { path, close: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** In a container every life of the worker can have the same id: an older folder of it is of an earlier one. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
