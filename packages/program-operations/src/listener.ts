/** A port of a program: opened with a clear word if it cannot be, closed whatever is connected. */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listener {
  /** The one that it got, where 0 was asked for. */
  readonly port: number;
  /** As this machine reaches it, such as `http://127.0.0.1:8070`. */
  readonly url: string;
  /**
   * Takes no more connections, and cuts off those that are open.
   * @param graceMs how long requests that are being answered may take before. Default: 0
   */
  close(graceMs?: number): Promise<void>;
}

export class ListenError extends Error {
  override readonly name = "ListenError";
  /** Node's: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, ... */
  readonly code: string;

  constructor(code: string, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program has this port: end it, or choose another port",
  EACCES: "this user may not open it: choose a port above 1023",
  EADDRNOTAVAIL: "this machine has no such address: choose 127.0.0.1, 0.0.0.0, or one that it has",
  ENOTFOUND: "there is no such host: choose 127.0.0.1, 0.0.0.0, or an address of this machine",
};

/** @param port 0: any that is free. @throws ListenError */
export async function listen(server: Server, host: string, port: number): Promise<Listener> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code);
    const remedy = REMEDIES[code] ?? "see the code";
    throw new ListenError(code, `Cannot listen on ${host}, port ${port} (${code}): ${remedy}.`, { cause });
  }
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `http://${reachable(address)}:${address.port}`,
    async close(graceMs = 0) {
      const closed = once(server, "close");
      server.close();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      if (graceMs === 0) server.closeAllConnections();
      await closed;
      clearTimeout(timer);
    },
  };
}

/** All interfaces have a loopback among them. */
function reachable({ address, family }: AddressInfo): string {
  if (address === "0.0.0.0" || address === "::") return "127.0.0.1";
  return family === "IPv6" ? `[${address}]` : address;
}
