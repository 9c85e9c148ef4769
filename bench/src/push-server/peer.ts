/** The two ends of a server under test: the child process that runs it, and the parent that measures it. */
import { fork, type ChildProcess } from "node:child_process";
import events from "node:events";
import { readFileSync } from "node:fs";
import { content } from "./content.ts";

/** A server under test, in a child process of its own. */
export interface PeerServer {
  readonly port: number;
  /** Sends one message with this content to every connection. */
  broadcast(content: string): void;
}

type Command =
  | { readonly do: "broadcast"; readonly bytes: number; readonly times: number }
  | { readonly do: "collect" }
  | { readonly do: "cpu" };

/** In the child: starts the server, then does what the parent says. */
export async function servePeer(start: () => Promise<PeerServer>): Promise<void> {
  const server = await start();
  process.on("message", (command: Command) => {
    void answer(server, command).then((reply) => process.send?.(reply));
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ port: server.port });
}

async function answer(server: PeerServer, command: Command): Promise<unknown> {
  switch (command.do) {
    case "broadcast":
      for (let i = 0; i < command.times; i += 1) server.broadcast(content(command.bytes));
      return {};
    case "collect":
      globalThis.gc?.();
      return {};
    case "cpu": {
      const { user, system } = process.cpuUsage();
      return { cpuMs: (user + system) / 1000 };
    }
    default:
      throw new Error(`A server under test does not know ${JSON.stringify(command)}.`);
  }
}

/** In the parent: one server under test, pinned to core 0. */
export class Peer {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(name: string, env: Readonly<Record<string, string>> = {}): Promise<Peer> {
    // The flags of bin/push-server, for every server alike: a small young generation keeps garbage out of the RSS.
    const child = fork(new URL(`peers/${name}.ts`, import.meta.url), {
      execPath: "/usr/bin/taskset",
      execArgv: [
        "-c",
        "0",
        process.execPath,
        "--conditions=push-source",
        "--expose-gc",
        "--max-semi-space-size=4",
      ],
      env: { ...process.env, ...env },
    });
    const { port } = await once<{ port: number }>(child);
    return new Peer(child, port);
  }

  async tell(command: Command): Promise<unknown> {
    const reply = once(this.#child);
    this.#child.send(command);
    return await reply;
  }

  async cpuMs(): Promise<number> {
    return ((await this.tell({ do: "cpu" })) as { cpuMs: number }).cpuMs;
  }

  /** Resident memory in KB, after a collection. */
  async rssKb(): Promise<number> {
    await this.tell({ do: "collect" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}

async function once<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const [reply] = await Promise.race([
    events.once(child, "message", { signal: ended.signal }),
    events.once(child, "exit", { signal: ended.signal }).then(([code]) => {
      throw new Error(`A server under test ended with ${code}.`);
    }),
  ]).finally(() => {
    ended.abort();
  });
  return reply as T;
}
