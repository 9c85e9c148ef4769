/** The two ends of a server under test that runs in Node: the child process that it is, and the parent that measures it. */
import { fork, type ChildProcess } from "node:child_process";
import events from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { content } from "./content.ts";
import { SERVER_CORE } from "./cores.ts";
import { cpuMs, rssKb } from "./process-usage.ts";
import type { Broadcast, ServerUnderTest } from "./server-under-test.ts";

/** In the child. */
export interface PeerServer {
  readonly port: number;
  /** Sends one message with this content to every connection. */
  broadcast(content: string): void;
  /** How many are open now. */
  connections(): number;
}

type Command =
  | ({ readonly do: "broadcast" } & Broadcast)
  | { readonly do: "collect" }
  | { readonly do: "connections" };

/** In the child: starts the server, then does what the parent says. */
export async function servePeer(start: () => Promise<PeerServer>): Promise<void> {
  const server = await start();
  process.on("message", (command: Command) => {
    void answer(server, command).then((result) => process.send?.(result));
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ port: server.port });
}

async function answer(server: PeerServer, command: Command): Promise<unknown> {
  switch (command.do) {
    case "broadcast":
      for (let i = 0; i < command.times; i += 1) {
        server.broadcast(content(command.bytes, command.number));
        if (command.apart) await new Promise(setImmediate);
      }
      return {};
    case "collect":
      globalThis.gc?.();
      return {};
    case "connections":
      return { connections: server.connections() };
    default:
      throw new Error(`A server under test does not know ${JSON.stringify(command)}.`);
  }
}

/** Before what is garbage is measured, the allocator has a moment to give it back. */
const SETTLE_MS = 300;

/** In the parent. */
export class NodePeer implements ServerUnderTest {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts peers/`name`.ts. */
  static async start(name: string, env: Readonly<Record<string, string>> = {}): Promise<NodePeer> {
    // The flags of bin/push-server, for every server alike: a small young generation keeps garbage out of the RSS.
    const node = [process.execPath, "--conditions=push-source", "--expose-gc", "--max-semi-space-size=4"];
    const child = fork(new URL(`peers/${name}.ts`, import.meta.url), {
      execPath: "/usr/bin/taskset",
      execArgv: ["-c", String(SERVER_CORE), ...node],
      env: { ...process.env, ...env },
    });
    const { port } = await reply<{ port: number }>(child);
    return new NodePeer(child, port);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async broadcast(broadcast: Broadcast): Promise<void> {
    await this.#ask({ do: "broadcast", ...broadcast });
  }

  async connections(): Promise<number> {
    return (await this.#ask<{ connections: number }>({ do: "connections" })).connections;
  }

  cpuMs(): number {
    return cpuMs(this.pid);
  }

  async rssKb(): Promise<number> {
    await this.#ask({ do: "collect" });
    await delay(SETTLE_MS);
    return rssKb(this.pid);
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }

  async #ask<T>(command: Command): Promise<T> {
    const answered = reply<T>(this.#child);
    this.#child.send(command);
    return await answered;
  }
}

async function reply<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const [message] = await Promise.race([
    events.once(child, "message", { signal: ended.signal }),
    events.once(child, "exit", { signal: ended.signal }).then(([code]) => {
      throw new Error(`A server under test ended with ${code}.`);
    }),
  ]).finally(() => {
    ended.abort();
  });
  return message as T;
}
