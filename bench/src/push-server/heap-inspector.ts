/** Collects the garbage of a Node process from outside, over its inspector: what is resident after that is kept. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";

/** A collection frees some objects only for the next one. */
const COLLECTIONS = 3;
/** The allocator gives pages back a moment later. */
const SETTLE_MS = 500;

/** @param port of a process that was started with `--inspect=127.0.0.1:<port>` */
export async function collectGarbage(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/json`);
  const [target] = (await response.json()) as readonly { readonly webSocketDebuggerUrl: string }[];
  if (!target) throw new Error("The server's inspector names nothing to inspect.");
  const webSocket = new WebSocket(target.webSocketDebuggerUrl);
  await once(webSocket, "open");
  for (let id = 1; id <= COLLECTIONS; id += 1) {
    webSocket.send(JSON.stringify({ id, method: "HeapProfiler.collectGarbage" }));
    await once(webSocket, "message");
  }
  webSocket.close();
  await delay(SETTLE_MS);
}
