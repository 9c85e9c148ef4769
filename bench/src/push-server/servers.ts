/** The servers under test: how each is started, and how its clients connect. */
import type { ClientsOptions } from "./clients.ts";
import { NchanPeer } from "./nchan-peer.ts";
import { NodePeer } from "./node-peer.ts";
import type { ServerUnderTest } from "./server-under-test.ts";
import { TornadoPeer } from "./tornado-peer.ts";

export type ServerName = "push-server" | "ws" | "sockjs" | "tornado" | "nchan";

interface Kind {
  readonly start: (env: Readonly<Record<string, string>>) => Promise<ServerUnderTest>;
  readonly connect: Pick<ClientsOptions, "path" | "sockJs" | "hello" | "header" | "headersFile">;
}

export const SERVERS: Readonly<Record<ServerName, Kind>> = {
  /** Every client with a login of its own, asked of the CMS, and its hello answered. */
  "push-server": {
    start: (env) => NodePeer.start("push-server", env),
    connect: { path: "/push", sockJs: true, hello: true, header: "Cookie: __ac=user%d" },
  },
  ws: { start: () => NodePeer.start("ws-prebuilt"), connect: { path: "/" } },
  sockjs: { start: () => NodePeer.start("sockjs"), connect: { path: "/push", sockJs: true } },
  tornado: { start: () => TornadoPeer.start(), connect: { path: "/" } },
  nchan: { start: () => NchanPeer.start(), connect: { path: "/" } },
};

export const SERVER_NAMES: readonly ServerName[] = ["push-server", "ws", "sockjs", "tornado", "nchan"];
