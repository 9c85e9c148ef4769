/** A SharedWorker is told what it is for by its name: whoever names the same gets the same worker. */

export interface WorkerArguments {
  /** Of the tabs' channel, and of the lock of whoever hosts their hub. */
  readonly name: string;
  /** The push server's prefix. */
  readonly url: string;
}

/** How long a worker may take to start, in milliseconds, before the tabs help themselves. */
const START_MS = 5000;

export function workerArguments(name: string): WorkerArguments {
  return JSON.parse(name) as WorkerArguments;
}

/** False where it cannot: foreign origin, policy (`worker-src`), no such file, no SharedWorker in this browser. */
export function startWorker(script: string, own: WorkerArguments): Promise<boolean> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), START_MS);
    try {
      const worker = new SharedWorker(script, { type: "module", name: JSON.stringify(own) });
      worker.addEventListener("error", () => resolve(false));
      worker.port.addEventListener("message", () => resolve(true));
      worker.port.start();
    } catch {
      resolve(false);
    }
  });
}
