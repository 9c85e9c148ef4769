/**
 * `dist/pat-push.worker.min.js`: the SharedWorker that holds the connection of all tabs of a user. Where none can
 * start, a page imports the same file, and hosts the hub itself.
 */
import { hostHub } from "./hosting.ts";
import { workerArguments } from "./worker-name.ts";

export { hostHub, hostOwnHub, type Hosting } from "./hosting.ts";

/** Of `SharedWorkerGlobalScope`, whose types do not go together with those of pages. */
interface WorkerScope {
  readonly name: string;
  onconnect?: ((event: MessageEvent) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

if ("onconnect" in scope) {
  const { name, url } = workerArguments(scope.name);
  scope.onconnect = ({ ports: [port] }) => port?.postMessage("here");
  // For as long as the worker lives. The tabs queue behind it, for the case that it dies.
  if (navigator.locks) void navigator.locks.request(name, () => new Promise(() => hostHub(name, url)));
  else hostHub(name, url);
}
